import { CHANNEL_WORDS } from '../sentences'
import { dayText, periodWords } from './dates'
import { setQuery } from './router'
import { Button, Pill } from './ui'

/** Filters that a figure elsewhere led here with, and nobody types: each in words. */
const WORDS: Record<string, (value: string) => string> = {
  merchantsOf: (value) => `活动 ${value} 的商户，不论有没有优惠`,
  branchCode: (value) => `网点 ${value}`,
  glAccount: (value) => `科目 ${value}`,
  account: (value) => `商户账户 ${value}`,
  channel: (value) => (CHANNEL_WORDS as Record<string, string>)[value] ?? value,
  endedOn: (value) => `${dayText(value)} 完结的`,
  corrected: () => '有差错更正的',
  stuck: () => '超过一刻钟还没有结果',
  asked: () => '不含差错更正的退款',
}
/** Two filters that are one period. */
const PERIODS = [
  ['from', 'to', ''],
  ['orderFrom', 'orderTo', '订单的清算日期 '],
  ['deckFrom', 'deckTo', '占用名额的，牌的日期 '],
] as const

const NAMES = [...Object.keys(WORDS), ...PERIODS.map(([from]) => from), ...PERIODS.map(([, to]) => to)]

/** Of the address, what a list was led to by; for the server as it stands there. */
export function linkedOf(
  query: Readonly<Record<string, string>>,
  names: readonly string[] = NAMES,
): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (query[name] ? [[name, query[name]]] : [])))
}

/** What the list is limited to, and the key that takes all of that away. */
export function Linked({ linked }: { linked: Readonly<Record<string, string>> }) {
  const periods = PERIODS.flatMap(([from, to, words]) => {
    const said = periodWords(linked[from] ?? '', linked[to] ?? '')
    return said ? [words + said] : []
  })
  const said = [...periods, ...Object.entries(linked).flatMap(([name, value]) => WORDS[name]?.(value) ?? [])]
  if (said.length === 0) return null
  return (
    <p className="c-row c-linked">
      <span className="c-quiet">只列出</span>
      {said.map((words) => (
        <Pill key={words} tone="quiet">
          {words}
        </Pill>
      ))}
      <Button kind="text" onClick={() => setQuery(Object.fromEntries(NAMES.map((name) => [name, undefined])))}>
        不限
      </Button>
    </p>
  )
}

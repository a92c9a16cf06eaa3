import type { HomeView } from '@contract'
import { dayText } from '../../dates'
import { count } from '../../format'
import { useWaiting } from '../../inbox'
import { Link } from '../../router'
import { Card, Empty } from '../../ui'
import { channelWord } from '../orders/words'
import { dayPlace } from '../reconciliation/words'
import { daysTo, endsSoon, endWords } from './figures'
import { campaignLinks, STUCK } from './links'

interface Line {
  what: string
  /** what is shown of how many, e.g. `3 条` */
  many: string
  to: string
}

/** What waits for somebody, each with its way there. What is nothing isn't said. */
export function ToDo({ home }: { home: HomeView }) {
  const waiting = useWaiting()
  const lines = [
    ...linesOf(home, waiting ?? 0),
    ...home.campaigns.flatMap((one) => campaignLines(one, home.today.businessDate)),
  ]
  return (
    <Card title="要处理的" aside={lines.length > 0 && `${lines.length} 项`}>
      {lines.length === 0 ? (
        <Empty title="没有要处理的" />
      ) : (
        <ul className="home__todo">
          {lines.map(({ what, many, to }) => (
            <li key={`${to} ${what}`}>
              <Link to={to}>{what}</Link>
              <span className="home__many">{many}</span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

function linesOf({ stuck, books }: HomeView, waiting: number): Line[] {
  const counted = (what: string, { count: n, more }: { count: number; more: boolean }, unit: string, to: string) =>
    n > 0 ? [{ what, many: `${count(n)}${more ? ' 以上' : ''} ${unit}`, to }] : []
  const of = (n: number) => ({ count: n, more: false })
  return [
    ...counted('待我复核', of(waiting), '项', 'reviews'),
    ...counted('付款超过一刻钟没有结果', of(stuck.count), '笔', STUCK),
    ...(books
      ? [
          ...counted('差错没有了结', books.differences, '条', 'reconciliation'),
          ...counted('超过一天没有了结的付款、退款和差错', books.todo, '条', 'todo'),
          ...counted('可疑交易没有结论', books.suspicions, '户', 'suspicions'),
          ...books.closing
            .filter(({ state }) => state === 'missing')
            .map(({ channel, date }) => ({
              what: `${channelWord(channel)}昨日未对账`,
              many: dayText(date),
              to: dayPlace(date, channel),
            })),
        ]
      : []),
  ]
}

function campaignLines(one: HomeView['campaigns'][number], today: string): Line[] {
  const links = campaignLinks(one, today)
  const { name, daysLeft, runsShort } = one
  return [
    ...(runsShort
      ? [{ what: `${name}：预算快用完`, many: `按近 7 天还够 ${Math.floor(daysLeft!)} 天`, to: links.campaign }]
      : []),
    ...(one.short > 0 ? [{ what: `${name}：因预算少发了牌`, many: `${count(one.short)} 户`, to: links.short }] : []),
    ...(one.state === 'paused' ? [{ what: `${name}：暂停中`, many: '', to: links.campaign }] : []),
    ...(endsSoon(one, today)
      ? [{ what: `${name}：即将结束`, many: endWords(daysTo(one.endDate, today)), to: links.campaign }]
      : []),
  ]
}

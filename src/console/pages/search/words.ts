import type { SearchResult } from '@contract'
import { dayRange } from '../../dates'
import { yuanText } from '../../format'
import { causeWords } from '../orders/words'

type Read = SearchResult['read']

const MINUTE_MS = 60_000
const DAY_MINUTES = 1_440

/** `11:30`; of the day before or after it is said. */
function timeWords(ms: number): string {
  const minutes = ms / MINUTE_MS
  if (minutes === DAY_MINUTES) return '24:00'
  const day = Math.floor(minutes / DAY_MINUTES)
  const of = minutes - day * DAY_MINUTES
  const text = `${String(Math.floor(of / 60)).padStart(2, '0')}:${String(of % 60).padStart(2, '0')}`
  return `${{ '-1': '前一天 ', 1: '次日 ' }[String(day) as '-1' | '1'] ?? ''}${text}`
}

/** How what was typed was understood, part by part: whoever meant it otherwise sees it. */
export function readWords(read: Read, span: SearchResult['span']): string[] {
  const { orderNos, refundNos, numbers, amountFen, days, hours, code, plain, words } = read
  const looked = span ?? days
  return [
    ...orderNos.map((one) => `订单号 ${one}`),
    ...refundNos.map((one) => `退款号 ${one}`),
    ...numbers.map((one) => `渠道流水或商户号 ${one}`),
    ...words.map((one) => `商户含“${one}”`),
    ...(amountFen === null ? [] : [`订单或实付 ${yuanText(amountFen)}`]),
    ...(looked ? [dayRange(looked.from, looked.to)] : []),
    ...(hours ? [`${timeWords(hours.from)}–${timeWords(hours.until)}`] : []),
    ...(plain ? ['没有优惠'] : []),
    ...(code === null ? [] : [`原因 ${causeWords(code)}`]),
  ]
}

import type { MerchantOrderView } from '@contract'
import { timeOfDay } from '../../../dates'

/** What the person chose, kept on this device. */
export interface Choice {
  on: boolean
  /** at night too */
  night: boolean
}
/** Nobody's telephone speaks before its owner asked it to. */
export const SILENT: Choice = { on: false, night: false }

/** People sleep from 22:00 to 7:00, Shanghai. */
export function isNight(atMs: number): boolean {
  const hour = Number(timeOfDay(new Date(atMs).toISOString()).slice(0, 2))
  return hour >= 22 || hour < 7
}

/** After a gap in the network orders come late: what is older than that is no news at the counter. */
const NEWS_MS = 120_000

/** Whether an order that came is to be said now; the feed may bring one twice, and brings those that were refunded again. */
export function isNews(order: MerchantOrderView, choice: Choice, atMs: number, said: ReadonlySet<string>): boolean {
  if (!choice.on || (isNight(atMs) && !choice.night)) return false
  if (order.refundedFen > 0 || order.returnedFen > 0 || said.has(order.orderNo)) return false
  return atMs - Date.parse(order.paidAt) <= NEWS_MS
}

import type { Operator } from '../../domain/operator'
import { type Page, pageOf } from '../../domain/page'
import { shownReply } from '../../domain/shown-reply'
import type { Around, Clock, Desk, DeskCursor, DeskOrder, DeskOrderDetail, OrderDesk } from '../ports'
import { STUCK_MS } from './stuck'

/** Orders for the operator who answers a complaint; one of a single branch sees its own. */

export interface DeskDeps {
  desk: Pick<Desk, 'orders'>
}

const PAGE = 50

type OrderFilter = Omit<Parameters<OrderDesk['orders']>[0], 'branchCode' | 'limit' | 'madeBefore'>

/** Newest first; `stuck`: only those that should have ended by now. */
export async function deskOrders(
  { desk, clock }: DeskDeps & { clock: Clock },
  { branchCode }: Operator,
  { stuck, ...filter }: OrderFilter & { stuck?: boolean },
): Promise<Page<DeskOrder, DeskCursor>> {
  const open = stuck ? { state: 'paying' as const, madeBefore: clock.now() - STUCK_MS } : {}
  const found = await desk.orders.orders({ ...filter, ...open, branchCode, limit: PAGE + 1 })
  return pageOf(found, PAGE, ({ businessDate, createdAt, orderNo }) => ({ businessDate, createdAt, number: orderNo }))
}

/** Undefined where the operator sees no such order. */
export function deskOrder(
  { desk }: DeskDeps,
  { branchCode }: Operator,
  orderNo: string,
): Promise<DeskOrderDetail | undefined> {
  return desk.orders.order(orderNo, branchCode)
}

/** What the channel literally said of it, oldest first, without anything of its payer; undefined as above. */
export async function deskReplies(
  { desk }: DeskDeps,
  { branchCode }: Operator,
  orderNo: string,
): Promise<{ at: number; verb: string | null; said: unknown }[] | undefined> {
  if (!(await desk.orders.order(orderNo, branchCode))) return undefined
  const replies = await desk.orders.replies(orderNo)
  return replies.map(({ raw, ...reply }) => ({ ...reply, said: shownReply(raw) }))
}

const ORDERS_AROUND = 200

/** What happened at its merchant `minutes` before and after it was made; undefined as above. */
export function aroundOf(
  { desk }: DeskDeps,
  { branchCode }: Operator,
  orderNo: string,
  minutes: number,
): Promise<Around | undefined> {
  return desk.orders.around({ orderNo, branchCode, withinMs: minutes * 60_000, limit: ORDERS_AROUND + 1 })
}

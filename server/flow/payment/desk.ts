import type { Operator } from '../../domain/operator'
import { type Page, pageOf } from '../../domain/page'
import { shownReply } from '../../domain/shown-reply'
import type { Around, Clock, Desk, DeskCursor, DeskOrder, DeskOrderDetail, OrderFilter } from '../ports'
import { stuckOnly } from './stuck'

/** Orders for the operator who answers a complaint; one of a single branch sees its own. */

export interface DeskDeps {
  desk: Pick<Desk, 'orders'>
}

const PAGE = 50

/** What a list of orders is asked for; `stuck`: only those that should have ended by now. */
export type Asked = Omit<OrderFilter, 'branchCode' | 'madeBefore'> & { stuck?: boolean | undefined }

/** Newest first. */
export async function deskOrders(
  { desk, clock }: DeskDeps & { clock: Clock },
  { branchCode }: Operator,
  { stuck, ...filter }: Asked & { after?: DeskCursor | undefined },
): Promise<Page<DeskOrder, DeskCursor>> {
  const found = await desk.orders.orders({ ...filter, ...stuckOnly(stuck, clock), branchCode, limit: PAGE + 1 })
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

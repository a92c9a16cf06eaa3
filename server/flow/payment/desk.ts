import type { Operator } from '../../domain/operator'
import { type Page, pageOf } from '../../domain/page'
import type { Desk, DeskCursor, DeskOrder, DeskOrderDetail, OrderDesk } from '../ports'

/** Orders for the operator who answers a complaint; one of a single branch sees its own. */

export interface DeskDeps {
  desk: Pick<Desk, 'orders'>
}

const PAGE = 50

/** Newest first. */
export async function deskOrders(
  { desk }: DeskDeps,
  { branchCode }: Operator,
  filter: Omit<Parameters<OrderDesk['orders']>[0], 'branchCode' | 'limit'>,
): Promise<Page<DeskOrder, DeskCursor>> {
  const found = await desk.orders.orders({ ...filter, branchCode, limit: PAGE + 1 })
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

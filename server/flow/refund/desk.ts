import type { Operator } from '../../domain/operator'
import { type Page, pageOf } from '../../domain/page'
import type { Desk, DeskCursor, DeskRefund, RefundFilter } from '../ports'

const PAGE = 50

/** Refunds for the operator who answers a complaint, newest first; one of a single branch sees its own. */
export async function deskRefunds(
  { desk }: { desk: Pick<Desk, 'orders'> },
  { branchCode }: Operator,
  filter: Omit<RefundFilter, 'branchCode'> & { after?: DeskCursor | undefined },
): Promise<Page<DeskRefund, DeskCursor>> {
  const found = await desk.orders.refunds({ ...filter, branchCode, limit: PAGE + 1 })
  return pageOf(found, PAGE, ({ businessDate, createdAt, refundNo }) => ({ businessDate, createdAt, number: refundNo }))
}

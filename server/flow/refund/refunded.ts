import type { Order } from '../../domain/order'
import { NOTHING_REFUNDED, type RefundShares } from '../../domain/refund'
import type { RefundLedger } from '../ports'

/** An order with what of it went back so far; its own figures stay as they were paid. */
export type RefundedOrder = Order & { refunded: RefundShares }

interface RefundedDeps {
  refunds: Pick<RefundLedger, 'refundedOf'>
}

/** Only a paid order can have been refunded, so for any other nothing is asked. */
export async function withRefunds({ refunds }: RefundedDeps, order: Order): Promise<RefundedOrder> {
  const sums = order.state === 'paid' ? await refunds.refundedOf([order.orderNo]) : undefined
  return { ...order, refunded: sums?.get(order.orderNo) ?? NOTHING_REFUNDED }
}

/** A page of them, in one question. */
export async function allWithRefunds<Page extends { items: Order[] }>({ refunds }: RefundedDeps, page: Page) {
  const sums = await refunds.refundedOf(page.items.map(({ orderNo }) => orderNo))
  const items = page.items.map((order) => ({ ...order, refunded: sums.get(order.orderNo) ?? NOTHING_REFUNDED }))
  return { ...page, items }
}

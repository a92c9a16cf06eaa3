import type { Order } from '../../domain/order'
import { MAX_REFUNDS, type Refund, type RefundShares, refundShares } from '../../domain/refund'
import type { Ledger, RefundLedger, UserRole } from '../ports'
import { type RefundedOrder, withRefunds } from './refunded'

/** What whoever refunds looks at first. The ledger holds all of it anew when the refund is opened. */

interface PreviewDeps {
  ledger: Pick<Ledger, 'order'>
  refunds: Pick<RefundLedger, 'refundsOf' | 'standingOf' | 'refundedOf'>
}

/** The failed refunds of an order have no bound of their own; nobody reads further. What they come to is never summed from these. */
const MAX_LISTED = 200

export interface RefundableOrder {
  order: RefundedOrder
  /** newest first */
  refunds: Refund[]
  /** what the payer may still get back; what refunds under way could give back counts as given back */
  leftFen: number
  /** whoever looks may refund something of it now */
  mayRefund: boolean
}

/** A paid order of the merchant with its refunds; undefined when there is none. */
export async function refundableOrder(
  deps: PreviewDeps,
  { merchantCode, role, orderNo }: { merchantCode: string; role: UserRole; orderNo: string },
): Promise<RefundableOrder | undefined> {
  const found = await paidOrder(deps, merchantCode, orderNo)
  if (!found) return undefined
  const [order, refunds, { count, payerFen }] = await Promise.all([
    withRefunds(deps, found),
    deps.refunds.refundsOf(orderNo, MAX_LISTED),
    deps.refunds.standingOf(orderNo),
  ])
  const leftFen = order.figures.payableFen - payerFen
  const isFull = count >= MAX_REFUNDS
  return { order, refunds, leftFen, mayRefund: role === 'owner' && leftFen > 0 && !isFull }
}

/** Who would give and get what, if so much went back to the payer now. */
export async function previewRefund(
  deps: PreviewDeps,
  { merchantCode, orderNo, payerFen }: { merchantCode: string; orderNo: string; payerFen: number },
): Promise<
  { kind: 'shares'; shares: RefundShares; leftFen: number } | { kind: 'order-not-found' | 'refund-above-paid' }
> {
  const order = await paidOrder(deps, merchantCode, orderNo)
  if (!order) return { kind: 'order-not-found' }
  const before = await deps.refunds.standingOf(orderNo)
  const leftFen = order.figures.payableFen - before.payerFen
  if (payerFen > leftFen) return { kind: 'refund-above-paid' }
  return { kind: 'shares', shares: refundShares(order.figures, before, payerFen), leftFen }
}

async function paidOrder({ ledger }: PreviewDeps, merchantCode: string, orderNo: string): Promise<Order | undefined> {
  const order = await ledger.order(orderNo)
  return order?.merchantCode === merchantCode && order.state === 'paid' ? order : undefined
}

import { businessDate } from '../../domain/business-date'
import { mayChange, type Operator } from '../../domain/operator'
import type { Order } from '../../domain/order'
import { newRefundNo, type RefundShares } from '../../domain/refund'
import { type AskResult, askForChange, type ChangeDeps } from '../change/ask'
import type { Ledger, RefundLedger } from '../ports'
import { previewRefund } from './preview'

/** A refund that an operator asks for after a complaint; another reviews it (I12), and it goes the way of every refund. */

interface WeighDeps {
  ledger: Pick<Ledger, 'order'>
  refunds: Pick<RefundLedger, 'refundsOf' | 'standingOf' | 'refundedOf'>
}

export type Weighed =
  | { kind: 'shares'; order: Order; shares: RefundShares; leftFen: number }
  | { kind: 'order-not-found' | 'order-not-paid' | 'refund-above-paid' }

/** Who would give and get what. An order of another branch is none. */
export async function weighRefund(
  deps: WeighDeps,
  operator: Operator,
  { orderNo, payerFen }: { orderNo: string; payerFen: number },
): Promise<Weighed> {
  const order = await deps.ledger.order(orderNo)
  if (!order || !mayChange(operator, order.branchCode)) return { kind: 'order-not-found' }
  if (order.state !== 'paid') return { kind: 'order-not-paid' }
  const seen = await previewRefund(deps, { merchantCode: order.merchantCode, orderNo, payerFen })
  return seen.kind === 'shares' ? { ...seen, order } : seen
}

/** `seenLeftFen`: what was left of it when the operator looked. */
export async function askToRefund(
  deps: ChangeDeps & WeighDeps,
  operator: Operator,
  {
    orderNo,
    payerFen,
    seenLeftFen,
    reason,
  }: { orderNo: string; payerFen: number; seenLeftFen: number; reason: string },
): Promise<AskResult | Exclude<Weighed, { kind: 'shares' }> | { kind: 'refunded-meanwhile' }> {
  const weighed = await weighRefund(deps, operator, { orderNo, payerFen })
  if (weighed.kind !== 'shares') return weighed
  const { order, shares, leftFen } = weighed
  if (leftFen !== seenLeftFen) return { kind: 'refunded-meanwhile' }
  const refundNo = newRefundNo(businessDate(deps.clock.now()), deps.random(12))
  const asked = await askForChange(deps, operator, {
    kind: 'order.refund',
    subject: `order/${orderNo}`,
    branchCode: order.branchCode,
    after: { leftFen: leftFen - payerFen, ...shares, reason, refundNo },
    note: null,
  })
  // Something of it went back, or failed to, just before it was written down.
  return asked.kind === 'refused' && asked.code === 'subject-changed' ? { kind: 'refunded-meanwhile' } : asked
}

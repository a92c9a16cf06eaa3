import type { Order, Outcome } from './order'
import type { Posting } from './posting'
import type { Figures } from './quote'

export type RefundState = 'refunding' | 'refunded' | 'failed'

/** A refund (退款) of a paid order, in full or in part. Amounts in fen, times in ms since the epoch. */
export interface Refund {
  /** ours, and the channel's idempotency key of this refund; stored before anything is sent */
  refundNo: string
  orderNo: string
  businessDate: string
  shares: RefundShares
  state: RefundState
  createdAt: number
  endedAt: number | null
  channelRefundNo: string | null
  failReason: string | null
}

/** Who gives and who gets, all positive: merchantFen = payerFen + glFen. */
export interface RefundShares {
  /** the payer gets back of what they paid */
  payerFen: number
  /** the merchant returns of what it received */
  merchantFen: number
  /** the branch gets back of the subsidy */
  glFen: number
}

/**
 * The shares of a refund of `payerFen`, when `refundedFen` of the order went back to the payer before. Pro rata to the cent:
 * what has gone back in all is rounded down, and a refund is the difference to what went back before, so whichever refund
 * is the last takes the rounding, and refunds in any number of parts add up to the order's own figures.
 * @throws RangeError unless 1 ≤ payerFen ≤ payable − refundedFen
 */
export function refundShares(figures: Figures, refundedFen: number, payerFen: number): RefundShares {
  if (!Number.isSafeInteger(payerFen) || payerFen < 1 || refundedFen + payerFen > figures.payableFen)
    throw new RangeError(`a refund of ${payerFen} fen after ${refundedFen} of ${figures.payableFen}`)
  const before = merchantReturns(figures, refundedFen)
  const merchantFen = merchantReturns(figures, refundedFen + payerFen) - before
  return { payerFen, merchantFen, glFen: merchantFen - payerFen }
}

/** The product may pass 2⁵³ for orders above ¥900,000, so it is made in BigInt. */
function merchantReturns({ merchantReceivesFen, payableFen }: Figures, refundedFen: number): number {
  return Number((BigInt(merchantReceivesFen) * BigInt(refundedFen)) / BigInt(payableFen))
}

/** The postings of a refund, which are the legs of its one clearing: the order's, the other way round. They sum to zero. */
export function refundPostings(
  order: Pick<Order, 'accounts'>,
  { payerFen, merchantFen, glFen }: RefundShares,
): Posting[] {
  const postings: Posting[] = [
    { account: order.accounts.payer, role: 'payer', amountFen: payerFen },
    { account: order.accounts.gl, role: 'gl', amountFen: glFen },
    { account: order.accounts.merchant, role: 'merchant', amountFen: -merchantFen },
  ]
  return postings.filter((posting) => posting.amountFen !== 0)
}

export type RefundDecision =
  | { kind: 'end'; state: 'refunded'; channelRefundNo: string }
  | { kind: 'end'; state: 'failed'; failReason: string }
  | { kind: 'hold' }
  | { kind: 'nothing' }
  | { kind: 'conflict'; code: 'refund-success-after-failure' | 'refund-failure-after-success' | 'other-refund-no' }

/** The only rule by which a refund ends; like an order's, only definite and verified news does. */
export function decideRefund(refund: Refund, outcome: Outcome): RefundDecision {
  switch (outcome.kind) {
    case 'pending':
    case 'unknown':
      return refund.state === 'refunding' ? { kind: 'hold' } : { kind: 'nothing' }
    case 'succeeded':
      if (refund.state === 'refunding')
        return { kind: 'end', state: 'refunded', channelRefundNo: outcome.channelTradeNo }
      if (refund.state === 'failed') return { kind: 'conflict', code: 'refund-success-after-failure' }
      return refund.channelRefundNo === outcome.channelTradeNo
        ? { kind: 'nothing' }
        : { kind: 'conflict', code: 'other-refund-no' }
    case 'declined':
      if (refund.state === 'refunding') return { kind: 'end', state: 'failed', failReason: outcome.code }
      return refund.state === 'failed'
        ? { kind: 'nothing' }
        : { kind: 'conflict', code: 'refund-failure-after-success' }
    default: {
      const never: never = outcome
      throw new Error(`unhandled outcome: ${JSON.stringify(never)}`)
    }
  }
}

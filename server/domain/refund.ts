import { type Misfit, misfitOf, type Seen } from './channel'
import { never } from './never'
import { newOrderNo, type Order, type Outcome } from './order'
import { glPosting, type Posting } from './posting'
import type { Figures } from './quote'

/** `refunding` until the channel is definite; a `failed` one moved nothing and frees its amount. */
export type RefundState = 'refunding' | 'refunded' | 'failed'

/** A refund (退款) of a paid order, in full or in part. Amounts in fen, times in ms since the epoch. */
export interface Refund {
  /** ours, and the channel's idempotency key of this refund; stored before anything is sent */
  refundNo: string
  orderNo: string
  /** of the refund, not of its order: the day whose books it counts in */
  businessDate: string
  shares: RefundShares
  /** the merchant's own words, for its own list */
  reason: string | null
  state: RefundState
  createdAt: number
  endedAt: number | null
  channelRefundNo: string | null
  /** the channel's stable code for a refusal, e.g. `insufficient-merchant-funds` */
  failReason: string | null
}

/** Who gives and who gets, of one refund or of several; none negative: merchantFen = payerFen + glFen. */
export interface RefundShares {
  /** the payer gets back of what they paid; nothing by a claw-back */
  payerFen: number
  /** the merchant returns of what it received */
  merchantFen: number
  /** the branch gets back of the subsidy */
  glFen: number
}

export const NOTHING_REFUNDED: Readonly<RefundShares> = { payerFen: 0, merchantFen: 0, glFen: 0 }

/** An order may have so many refunds that have not failed; the wallets draw the line at the same number. */
export const MAX_REFUNDS = 50

/** `R20261121-7K3M-92QX-4T8B`: made as an order's number is, from at least 12 random bytes. */
export function newRefundNo(date: string, random: Uint8Array): string {
  return `R${newOrderNo(date, random).slice(1)}`
}

/**
 * The shares of a refund of `payerFen`, when `before` is what all other refunds of the order that haven't failed come to. Pro
 * rata to the cent: the subsidy that has gone back in all is rounded down, and a refund is the difference to what went back
 * before, so whichever refund is the last takes the rounding. Refunds that fail in between may leave the others a fen ahead of
 * that; the next ones wait for it, so that a share is never negative and the whole never more than the order's own.
 * @throws RangeError unless 1 ≤ payerFen ≤ payable − before.payerFen
 */
export function refundShares(figures: Figures, before: RefundShares, payerFen: number): RefundShares {
  const inAllFen = before.payerFen + payerFen
  if (!Number.isSafeInteger(payerFen) || payerFen < 1 || inAllFen > figures.payableFen)
    throw new RangeError(`a refund of ${payerFen} fen after ${before.payerFen} of ${figures.payableFen}`)
  const glFen = Math.max(0, subsidyFor(figures, inAllFen) - before.glFen)
  return { payerFen, merchantFen: payerFen + glFen, glFen }
}

/** The branch's part of what `refundedFen` undoes. The product may pass 2⁵³ for orders above ¥900,000, so it is made in BigInt. */
function subsidyFor({ discountFen, payableFen }: Figures, refundedFen: number): number {
  return Number((BigInt(discountFen) * BigInt(refundedFen)) / BigInt(payableFen))
}

/** What a payer still saves by an order of which so much went back to them: the same part less, rounded up. */
export function savedFen(
  { payerDiscountFen, payableFen }: Figures,
  { payerFen }: Pick<RefundShares, 'payerFen'>,
): number {
  return payerDiscountFen - Number((BigInt(payerDiscountFen) * BigInt(payerFen)) / BigInt(payableFen))
}

/**
 * A claw-back (收回奖励): a refund that gives the payer nothing; the merchant's reward goes back to the branch. It counts as gone
 * back already when the payer is refunded later, so that all of it together is never more than the subsidy.
 */
export const isClawBack = ({ payerFen }: Pick<RefundShares, 'payerFen'>): boolean => payerFen === 0

/**
 * What of an order's reward the merchant still has, when `before` is what all its refunds that haven't failed come to: pro rata to
 * what the payer got back, and nothing once it was clawed back or all was refunded.
 */
export function clawBackShares(
  figures: Pick<Figures, 'merchantRewardFen' | 'payableFen' | 'discountFen'>,
  before: Pick<RefundShares, 'payerFen' | 'glFen'>,
  clawedBefore: boolean,
): RefundShares | null {
  if (clawedBefore) return null
  const { merchantRewardFen, payableFen, discountFen } = figures
  const goneFen = Number((BigInt(merchantRewardFen) * BigInt(before.payerFen)) / BigInt(payableFen))
  const fen = Math.min(merchantRewardFen - goneFen, discountFen - before.glFen)
  return fen >= 1 ? { payerFen: 0, merchantFen: fen, glFen: fen } : null
}

/** What the channel names of it: what the payer gets back, or the merchant returns where nobody else is in it. */
export const movedFen = (shares: RefundShares): number => (isClawBack(shares) ? shares.merchantFen : shares.payerFen)

/** The postings of a refund, which are the legs of its one clearing: the order's, the other way round. They sum to zero. */
export function refundPostings(
  order: Pick<Order, 'accounts'>,
  { payerFen, merchantFen, glFen }: RefundShares,
): Posting[] {
  const postings: Posting[] = [
    { account: order.accounts.payer, role: 'payer', amountFen: payerFen },
    ...glPosting(order.accounts, glFen),
    { account: order.accounts.merchant, role: 'merchant', amountFen: -merchantFen },
  ]
  return postings.filter((posting) => posting.amountFen !== 0)
}

export type RefundDecision =
  | { kind: 'end'; state: 'refunded'; channelRefundNo: string }
  | { kind: 'end'; state: 'failed'; failReason: string }
  | { kind: 'hold' }
  | { kind: 'nothing' }
  | {
      kind: 'conflict'
      code: 'refund-success-after-failure' | 'refund-failure-after-success' | 'other-refund-no' | 'unnamed' | Misfit
    }

/**
 * The only rule by which a refund ends; like an order's, only definite and verified news does, and a success must name the
 * refund as we have it: what the payer gets back, and the merchant who gives it.
 */
export function decideRefund(
  order: Pick<Order, 'accounts'>,
  refund: Refund,
  outcome: Outcome,
  seen?: Seen,
): RefundDecision {
  const ours = { amountFen: movedFen(refund.shares), payee: order.accounts.merchant }
  const misfit = seen ? misfitOf(seen, ours) : null
  switch (outcome.kind) {
    case 'pending':
    case 'unknown':
      return refund.state === 'refunding' ? { kind: 'hold' } : { kind: 'nothing' }
    case 'succeeded':
      if (refund.state === 'refunding') {
        const code = seen ? misfit : 'unnamed'
        if (code) return { kind: 'conflict', code }
        return { kind: 'end', state: 'refunded', channelRefundNo: outcome.channelTradeNo }
      }
      if (refund.state === 'failed') return { kind: 'conflict', code: 'refund-success-after-failure' }
      return refund.channelRefundNo === outcome.channelTradeNo
        ? { kind: 'nothing' }
        : { kind: 'conflict', code: 'other-refund-no' }
    case 'declined':
      if (refund.state === 'refunding')
        return misfit ? { kind: 'conflict', code: misfit } : { kind: 'end', state: 'failed', failReason: outcome.code }
      return refund.state === 'failed'
        ? { kind: 'nothing' }
        : { kind: 'conflict', code: 'refund-failure-after-success' }
    default:
      return never(outcome)
  }
}

import type { ChannelName, Seen } from '../../domain/channel'
import type { Order, Outcome } from '../../domain/order'
import type { Posting } from '../../domain/posting'
import type { Refund, RefundShares } from '../../domain/refund'

export type OpenRefundResult =
  | { kind: 'opened'; refund: Refund; order: Order }
  /** the idempotency key was used before with the same input: its refund, as it stands now */
  | { kind: 'replayed'; refund: Refund }
  /** the idempotency key was used before with other input */
  | { kind: 'key-reused' }
  /** there is no such order, or it is another merchant's */
  | { kind: 'order-not-found' }
  | { kind: 'order-not-paid' }
  /** more than is left; what other refunds under way could still give back counts as given back */
  | { kind: 'refund-above-paid'; leftFen: number }
  /** another refund of the order came in since whoever asks looked */
  | { kind: 'refunded-meanwhile'; leftFen: number }
  /** the order has as many refunds as an order may have */
  | { kind: 'too-many-refunds' }
  /** the refund number exists: make another (nothing was sent) */
  | { kind: 'refund-no-taken' }

export interface OpenRefund {
  refundNo: string
  orderNo: string
  merchantCode: string
  payerFen: number
  /** what was left of it when whoever asks looked; undefined: whatever is left now is as good */
  seenLeftFen?: number | undefined
  reason: string | null
  businessDate: string
  createdAt: number
  /** the key is the merchant's own */
  idempotency: { key: string; inputHash: string }
  /** when the sweeper should first ask about it, by the order's channel: known once the order is locked */
  firstQueryAt(channel: ChannelName): number
}

export type RefundEnding =
  | { state: 'refunded'; channelRefundNo: string; postings: readonly Posting[]; endedAt: number }
  | { state: 'failed'; failReason: string; endedAt: number }

/** What the channel answered; a success carries the channel's number of the refund as its `channelTradeNo`. */
export interface RefundReply {
  verb: 'refund' | 'query-refund' | 'notify' | 'statement'
  outcome: Outcome
  /** the refund as the channel has it; a success that doesn't say ends nothing */
  seen?: Seen | undefined
  raw: unknown
}

export interface RefundLedger {
  /**
   * Stores the refund with its shares (domain `refundShares`) before anything is sent, in one transaction that serializes
   * the refunds of one order, so that all of them together never give back more than was paid. Nothing is stored unless
   * `opened`.
   */
  openRefund(input: OpenRefund): Promise<OpenRefundResult>
  /**
   * The end of a refund, in one transaction and guarded by `state = 'refunding'`: state, event with the reply, postings (their
   * sum must be zero), and an outbox row when it is `refunded`. The order stays `paid` and keeps its slot.
   */
  endRefund(refund: Refund, ending: RefundEnding, reply: RefundReply): Promise<'ended' | 'already-ended'>
  /**
   * Keeps a reply that ends nothing, as an event. `conflict` names news that contradicts the ending. What a sweeper was
   * answered ends its claim: the refund is due again after its wait, counted from `at`.
   */
  noteRefundReply(refundNo: string, reply: RefundReply, conflict: string | null, at: number): Promise<void>
  refund(refundNo: string): Promise<Refund | undefined>
  /** An order's own refunds, newest first, without those by which a correction gives back what was never paid for it; the failed among them may be many, so at most `limit`. */
  refundsOf(orderNo: string, limit: number): Promise<Refund[]>
  /** How many of an order's own refunds haven't failed, and what they come to: what of it is given back, or may still be. */
  standingOf(orderNo: string): Promise<RefundShares & { count: number }>
  /** What an order's own `refunded` refunds come to; orders without one are left out. */
  refundedOf(orderNos: readonly string[]): Promise<Map<string, RefundShares>>
  /** As `claimDue` of orders, for refunds in `refunding`. */
  claimDueRefunds(
    channels: readonly ChannelName[],
    now: number,
    limit: number,
    claimMs?: number,
  ): Promise<{ refund: Refund; order: Order; attempt: number }[]>
}

/** A channel that can refund. Idempotent on `refundNo`: a refund may be asked for again under the same number. */
export interface RefundChannel {
  /** it can take a merchant's reward back without its payer: a refund that gives the payer nothing (domain `isClawBack`) */
  readonly takesBack?: true
  /** Sends it once. Never throws: whatever isn't definite and verified is `unknown`. */
  refund(order: Order, refund: Refund): Promise<RefundReply>
  /** Asks how it stands; `unknown` with `not-found` when the channel has never seen the number. */
  queryRefund(order: Order, refund: Refund): Promise<RefundReply>
}

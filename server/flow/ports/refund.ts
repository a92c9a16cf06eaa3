import type { Order, Outcome } from '../../domain/order'
import type { Refund, RefundShares } from '../../domain/refund'

export type OpenRefundResult =
  | { kind: 'opened'; refund: Refund; order: Order }
  /** the idempotency key was used before with the same input: its refund, as it stands now */
  | { kind: 'replayed'; refund: Refund; order: Order }
  | { kind: 'key-reused' }
  | { kind: 'order-not-found' }
  | { kind: 'order-not-paid' }
  /** more than is left; what other refunds under way could still give back counts as given back */
  | { kind: 'refund-above-paid'; leftFen: number }
  | { kind: 'refund-no-taken' }

export interface OpenRefund {
  refundNo: string
  orderNo: string
  merchantCode: string
  payerFen: number
  businessDate: string
  createdAt: number
  idempotency: { key: string; inputHash: string }
  /** when the sweeper should first ask about it */
  firstQueryAt: number
}

export interface RefundReply {
  verb: 'refund' | 'query-refund'
  outcome: Outcome
  raw: unknown
}

export interface RefundLedger {
  /**
   * Stores the refund with its shares (domain `refundShares`) before anything is sent, in one transaction that serializes
   * the refunds of one order, so that all of them together never give back more than was paid.
   */
  openRefund(input: OpenRefund): Promise<OpenRefundResult>
  /** Guarded by `state = 'refunding'`: state, postings (balanced), event, outbox row, reply. A failed refund frees its amount. */
  endRefund(
    order: Order,
    refund: Refund,
    ending:
      | { state: 'refunded'; channelRefundNo: string; endedAt: number }
      | { state: 'failed'; failReason: string; endedAt: number },
    reply: RefundReply,
  ): Promise<'ended' | 'already-ended'>
  noteRefundReply(refundNo: string, reply: RefundReply, conflict: string | null, at: number): Promise<void>
  refund(refundNo: string): Promise<{ refund: Refund; order: Order } | undefined>
  refundsOf(orderNo: string): Promise<Refund[]>
  /** As `claimDue` of orders. */
  claimDueRefunds(now: number, limit: number): Promise<{ refund: Refund; order: Order; attempt: number }[]>
}

/** A channel that can refund. Idempotent on `refundNo`; a refund may be asked for again under the same number. */
export interface RefundChannel {
  refund(order: Order, refund: { refundNo: string; shares: RefundShares }): Promise<RefundReply>
  queryRefund(order: Order, refund: { refundNo: string }): Promise<RefundReply>
}

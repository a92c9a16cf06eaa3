import type { Pulse } from '../../domain/deck-proof'
import type { BookDay, StatementLine } from '../../domain/match'
import type { Order, Outcome } from '../../domain/order'
import type { Posting } from '../../domain/posting'
import type { Refund } from '../../domain/refund'
import type { Rule } from '../../domain/rule'
import type { DaySums } from '../../domain/settlement'
import type { ArchivedDay } from './archive'
import type { CheckedChain } from './books-chain'
import type { PublishedSecret } from './decks'
import type { DealtDeck } from './ledger'
import type { Chain } from './operators'

/** Business dates, both included. */
export interface AuditDays {
  from: string
  to: string
}

/** The books as an auditor reads them: in one consistent view, changing nothing. */
export interface AuditBooks {
  /**
   * Runs `inspect` on the books as they are at this moment, however long it takes and whatever is written meanwhile: on all that is in the
   * ledger; with `days` on those alone, and on what of them is in `archives`.
   * @throws LedgerUnavailable
   * @throws ArchiveNeeded
   * @throws ArchiveFault as `archives` does
   */
  look<T>(inspect: (view: AuditView) => Promise<T>, days?: AuditDays, archives?: ArchivedBooks): Promise<T>
}

/** The files of archived days, as an auditor has them. */
export interface ArchivedBooks {
  /** Raw lines of a day's file in batches, each of which is JSON; none of a file that can't be read. */
  lines(day: ArchivedDay): AsyncIterable<string[]>
}

/** Of the days that were asked for orders are in the files of these, which weren't given. */
export class ArchiveNeeded extends Error {
  constructor(readonly days: readonly ArchivedDay[]) {
    super(`orders of these days are in ${days.map(({ file }) => file).join(', ')}`)
    this.name = 'ArchiveNeeded'
  }
}

/** Everything comes in batches, in the order of its key; one batch is in memory at a time. */
export interface AuditView {
  /** Days that are in files, by date. */
  archivedDays(): Promise<ArchivedDay[]>
  /** How much there is, for a progress bar and the report. */
  size(): Promise<Record<AuditedKind, number>>
  campaigns(): AsyncIterable<AuditedCampaign[]>
  decks(): AsyncIterable<AuditedDeck[]>
  orders(): AsyncIterable<AuditedOrder[]>
  merchantDays(): AsyncIterable<AuditedMerchantDay[]>
  corrections(): AsyncIterable<AuditedCorrection[]>
  /** The log of what operators did, checked against the keys that aren't in the database. */
  deedChain(): Promise<Chain>
  /** The books' chain, checked likewise: its links alone, `CHAIN_CHECKS` hold the books against it. */
  booksChain(): Promise<CheckedChain>
  /** What only a look at many rows at once shows; each row is a violation. */
  crossCheck(code: CrossCheck): AsyncIterable<{ subject: string; detail: string }[]>
  /** What is unfinished or disputed; nothing of it is a violation. Up to `limit` of each are named, the oldest first. */
  pending(limit: number): Promise<AuditPending[]>

  /** Statements that were reconciled, by channel and date. */
  statements(): Promise<KeptStatement[]>
  /** Lines of one as they are kept, from line `from` to `to`, both included. */
  statementLines(day: BookDay, from: number, to: number): Promise<StatementLine[]>
}

/** A statement as it was reconciled. */
export interface KeptStatement extends BookDay {
  sha256: string
  lines: number
}

export type AuditedKind =
  | 'campaigns'
  | 'decks'
  | 'orders'
  | 'refunds'
  | 'merchantDays'
  | 'corrections'
  | 'actions'
  | 'links'
  | 'statements'

export interface AuditedCampaign {
  campaignId: string
  budgetFen: number
  committedFen: number
  /** the sum of its decks' exposures */
  exposuresFen: number
  /** the branches with a budget of their own, and the same of their merchants' decks */
  branches: { branchCode: string; budgetFen: number; committedFen: number; exposuresFen: number }[]
}

export interface AuditedDeck {
  deck: DealtDeck
  exposureFen: number
  /** since when it costs what was used of it; null while it could cost all its cards */
  closedAt: number | null
  /** that orders hold which aren't closed */
  usedSlots: number[]
  /** what refunds and corrections brought back of them; below nought: the GL account bore more */
  returnedFen: number
  /** of the version it was dealt by; null when that was never kept */
  rule: Rule | null
  /** what that version committed to */
  secret: PublishedSecret | null
  /** what the beacon said for its date, and when that was noted, ms; null: nobody asked it */
  noted: { pulse: Pulse | null; at: number } | null
}

/** An event of an order or a refund. `eventId` grows in the order in which they were written. */
export interface AuditedEvent<Kind extends string> {
  eventId: number
  kind: Kind
  outcome: Outcome | null
  conflict: string | null
  at: number
}

export interface AuditedOrder {
  order: Order
  /** the card of its slot, fen; null when its slot was never dealt, it has none, or it is sealed */
  cardFen: number | null
  /** of its card, while its cards are sealed; else null */
  sealedDeck: DealtDeck | null
  /** of its card's deck; null where there is none */
  deckCommitment: string | null
  /** of the rule that its deck was dealt by; null when that was never kept */
  payerPercent: number | null
  events: AuditedEvent<'opened' | 'noted' | 'paid' | 'closed'>[]
  /** its own and its refunds', without corrections */
  postings: (Posting & { refundNo: string | null })[]
  refunds: AuditedRefund[]
  /** requests to the channel that are stored of it */
  requests: number
  /** the first of them as it was sent, if it is an object */
  request: Record<string, unknown> | null
}

export interface AuditedRefund {
  refund: Refund
  /** of an accepted difference: it gives back what only the channel booked */
  corrects: boolean
  /** of what was asked for under its key */
  inputHash: string
  events: AuditedEvent<'opened' | 'noted' | 'refunded' | 'failed'>[]
}

export interface AuditedMerchantDay {
  merchantCode: string
  businessDate: string
  /** from events and postings, without looking at what state an order or a refund says it has */
  recomputed: DaySums
  /** what the merchant is shown */
  told: DaySums
}

export interface AuditedCorrection {
  correctionId: string
  postings: Posting[]
  /** the entry of the accepted difference; null when there is none */
  accepted: Posting[] | null
}

export interface AuditPending {
  kind:
    | 'unknown-orders'
    | 'unknown-refunds'
    | 'slots-to-return'
    | 'conflicts'
    | 'open-differences'
    | 'rejected-differences'
    | 'owing-differences'
    | 'days-to-reconcile'
    | 'events-to-chain'
  count: number
  /** when the oldest began, ms; null when there is none */
  oldestAt: number | null
  named: string[]
}

/** These hold the books against the log of deeds, and prove nothing where it is broken. */
export const LOG_CHECKS = [
  'terms-not-approved',
  'approval-wrong',
  'campaign-list-wrong',
  'campaign-state-wrong',
  'change-wrong',
  'party-wrong',
  'binding-wrong',
  'reconciliation-wrong',
  'seal-differs',
  'archive-differs',
] as const

/** These hold the books and the log against the books' chain, and prove nothing where that is broken. */
export const CHAIN_CHECKS = ['not-as-chained', 'log-cut-off'] as const

export const BOOK_CHECKS = [
  'slot-used-twice',
  'quote-used-twice',
  'key-not-once',
  'order-missing',
  'refund-missing',
  'correction-refund-wrong',
  'payer-day-wrong',
  'person-cards-wrong',
  'agreement-wrong',
  'shortage-wrong',
  'deck-outside-window',
  'day-over-budget',
  'deck-time-wrong',
  'outbox-not-once',
  'open-order-wrong',
  'packed-number-wrong',
  'branch-wrong',
  'claw-back-unasked',
  'desk-refund-unasked',
  'day-total-wrong',
  'share-day-wrong',
  'archived-sums-wrong',
  'campaign-day-wrong',
  'statement-changed',
  'bank-differs',
  'not-at-bank',
] as const
export type CrossCheck = (typeof LOG_CHECKS | typeof BOOK_CHECKS | typeof CHAIN_CHECKS)[number]

import type { Campaign, ChannelName } from '../domain/campaign'
import type { DeckId } from '../domain/deck'
import type { Order, Outcome } from '../domain/order'
import type { Posting } from '../domain/posting'

/** The outside world in business verbs. Amounts in fen, times in ms since the epoch, dates in Asia/Shanghai. */

export interface Clock {
  now(): number
}

/** Cryptographic randomness. */
export type Random = (bytes: number) => Uint8Array

// ───────────────────────────────────────────────────────────────────────────── slots (Redis)

export type Take =
  /** `leaseMs`: how long the slot is kept from now, by the store's own clock */
  | { kind: 'taken'; slot: number; discountFen: number; leaseMs: number; left: number }
  | { kind: 'sold-out' }
  | { kind: 'limit-reached' }
  /** no deck is loaded: deal it, load it, take again */
  | { kind: 'no-deck' }

/** A slot (名额) is free → leased (预占) → used (核销), or back to free when its lease ends. */
export interface Slots {
  /**
   * Takes the payer's slot: the one already leased to the payer (its lease begins anew), else the lowest free or expired
   * slot (returned ones lie at the front, I8). `maxPerPayer`: slots one payer may use in this deck, null for no limit.
   */
  take(deck: DeckId, payerId: string, leaseTtlMs: number, maxPerPayer: number | null): Promise<Take>
  /**
   * Marks the slot used by this payer. The ledger has already given the slot to an order, so whoever leases it now is
   * displaced. `no-deck` when nothing is loaded: a later load learns of the slot from the ledger.
   */
  confirm(deck: DeckId, slot: number, payerId: string): Promise<'confirmed' | 'no-deck'>
  /**
   * The order closed: the slot is free again, kept `keepMs` for the same payer (who may not fish for another card, I8),
   * then for anyone. Only the payer holding or having used the slot can release it.
   */
  release(deck: DeckId, slot: number, payerId: string, keepMs: number): Promise<'released' | 'not-held' | 'no-deck'>
  /** Loads a dealt deck with the slots that orders hold; a deck already loaded is left as it is. Gone after `expiresAt`. */
  load(
    deck: DeckId,
    amountsFen: readonly number[],
    usedSlots: readonly number[],
    expiresAt: number,
  ): Promise<'loaded' | 'already-loaded'>
  /** Counts of a deck: free (leases ended included), leased, used. Undefined when no deck is loaded. */
  count(deck: DeckId): Promise<{ free: number; leased: number; used: number } | undefined>
  ping(): Promise<void>
}

/** Thrown by every verb of {@link Slots} when the store doesn't answer: the discount pauses, payments go on (I9). */
export class SlotsUnavailable extends Error {
  override name = 'SlotsUnavailable'
}

// ───────────────────────────────────────────────────────────────────────────── catalogue and ledger (SQL)

export interface Merchant {
  merchantCode: string
  name: string
  branchCode: string
  branchName: string
  /** the merchant's settlement account and the branch's expense GL account at the bank */
  account: string
  glAccount: string
}

export interface Agreement {
  agreementId: string
  payerId: string
  /** the payer's account at the bank, as the bank names it in agreements */
  account: string
  /** last four digits, for the payer to recognise it */
  accountTail: string
  createdAt: number
}

export interface Catalog {
  merchant(merchantCode: string): Promise<Merchant | undefined>
  /**
   * The campaign that applies to the merchant: of all that name it, a running or paused one whose period holds the date
   * first, then the highest priority, then the newest; else the last to end or the next to start. Undefined when none names it.
   */
  campaignFor(merchantCode: string, businessDate: string): Promise<Campaign | undefined>
  agreements(payerId: string): Promise<Agreement[]>
  /** Keeps a new agreement; one already kept (same id) is left as it is. */
  addAgreement(agreement: Agreement): Promise<void>
}

export interface DealtDeck extends DeckId {
  version: number
  commitment: string
  amountsFen: number[]
  dealtAt: number
}

export type OpenResult =
  | { kind: 'opened' }
  /** the idempotency key was used before with the same input: its order, as it stands now */
  | { kind: 'replayed'; order: Order }
  /** the idempotency key was used before with other input */
  | { kind: 'key-reused' }
  /** the quote became an order before, under another key */
  | { kind: 'quote-used' }
  /** another order holds the slot (I1); its payer, or null when that order closed meanwhile */
  | { kind: 'slot-taken'; payerId: string | null }
  /** the payer's static-code payments of the day would exceed the limit */
  | { kind: 'daily-limit' }
  /** the order number exists: make another (nothing was sent) */
  | { kind: 'order-no-taken' }

export interface OpenOrder {
  order: Order
  idempotency: { key: string; inputHash: string }
  /** the day's limit of the payer for static codes, fen */
  dailyLimitFen: number
  /** the request as it will be sent to the channel, kept beside its raw reply */
  request: unknown
  /** when the sweeper should first ask about it, if nobody ended it */
  firstQueryAt: number
}

/** What the channel answered, for the record: the raw reply beside the normalised one. */
export interface ChannelReply {
  verb: 'pay' | 'query' | 'close'
  outcome: Outcome
  raw: unknown
}

export type Ending =
  | { state: 'paid'; channelTradeNo: string; postings: readonly Posting[]; endedAt: number }
  | { state: 'closed'; closeReason: string; endedAt: number }

export interface Ledger {
  /** Commits a deck against the campaign's budget (I7): its exposure is added to what is committed, in one statement. */
  commitDeck(deck: DealtDeck, exposureFen: number): Promise<'committed' | 'already-committed' | 'budget-exhausted'>
  deck(deck: DeckId): Promise<DealtDeck | undefined>
  /** Slots held by orders that aren't closed. */
  usedSlots(deck: DeckId): Promise<number[]>

  /** One transaction: order, order event, idempotency key, channel request. Nothing is stored unless `opened`. */
  openOrder(input: OpenOrder): Promise<OpenResult>
  /**
   * The end of an order, in one transaction and guarded by `state = 'paying'`: state, event, postings (their sum must be
   * zero), outbox row, the reply. `already-ended`: somebody else was first and nothing was written.
   */
  endOrder(order: Order, ending: Ending, reply: ChannelReply | null): Promise<'ended' | 'already-ended'>
  /** Keeps a reply that ends nothing, as an order event. `conflict` names news that contradicts the ending. */
  noteReply(orderNo: string, reply: ChannelReply, conflict: string | null, at: number): Promise<void>

  order(orderNo: string): Promise<Order | undefined>
  /** The order that an idempotency key made for this payer, if any, and the hash of its input. */
  orderByKey(payerId: string, key: string): Promise<{ order: Order; inputHash: string } | undefined>
  /**
   * Hands out up to `limit` orders in `paying` whose query is due, each to one caller at a time: claiming moves its next
   * query 1, 2, 4, 8, … s (at most 60 s) away. `attempt` counts from 1.
   */
  claimDue(now: number, limit: number): Promise<{ order: Order; attempt: number }[]>

  merchantSummary(merchantCode: string, businessDate: string): Promise<MerchantSummary>
  /** Paid orders of the day, newest first; `cursor` is the last one's of the page before. */
  merchantOrders(
    merchantCode: string,
    businessDate: string,
    cursor: string | undefined,
    limit: number,
  ): Promise<{ items: Order[]; nextCursor?: string }>
  ping(): Promise<void>
}

/** Thrown when the database can't be reached or doesn't answer in time: nothing can be said or stored; answer 503. */
export class LedgerUnavailable extends Error {
  override name = 'LedgerUnavailable'
}

/** All from paid orders of one business date. Counts and fen. */
export interface MerchantSummary {
  orderCount: number
  amountFen: number
  rewardCount: number
  rewardFen: number
  receivedFen: number
}

// ───────────────────────────────────────────────────────────────────────────── channel (bank)

export interface Channel {
  readonly name: ChannelName
  /** The request of one composite clearing, balanced; what is stored is what is sent. */
  payRequest(order: Order): unknown
  /** Sends it once, never again under another number (I6). Never throws: whatever isn't definite and verified is `unknown`. */
  pay(order: Order): Promise<ChannelReply>
  query(order: Order): Promise<ChannelReply>
  /** Asks the channel to refuse the order from now on if it has not booked it; the reply is definite either way. */
  close(order: Order): Promise<ChannelReply>
  /** Binds the payer's account (签约) by a one-time code. Throws ChannelUnavailable; undefined when the code is refused. */
  agree(payerId: string, oneTimeCode: string): Promise<Omit<Agreement, 'createdAt'> | undefined>
  ping(): Promise<void>
}

export class ChannelUnavailable extends Error {
  override name = 'ChannelUnavailable'
}

// ───────────────────────────────────────────────────────────────────────────── feed (outbox)

export interface FeedEvent {
  /** opaque and ordered; a reader that went away asks for what came after it */
  cursor: string
  orderNo: string
}

export interface Feed {
  /** Events of a merchant in commit order: those after `after` (or from now on), then live ones, none lost, none twice. */
  subscribe(merchantCode: string, after: string | undefined, onEvent: (event: FeedEvent) => void): Promise<() => void>
  /** Something was just committed: look now instead of at the next poll. */
  nudge(): void
}

// ───────────────────────────────────────────────────────────────────────────── identity (the platforms' log-ins)

/** Turns a platform's login code into a pseudonymous payer id or a merchant code; undefined when the code is refused. */
export interface Identity {
  payer(platform: string, code: string): Promise<string | undefined>
  merchant(platform: string, code: string): Promise<string | undefined>
}

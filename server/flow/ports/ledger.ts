import type { ChannelName, Verification } from '../../domain/channel'
import type { DeckId } from '../../domain/deck'
import type { Pulse } from '../../domain/deck-proof'
import type { Cards } from '../../domain/deck-seal'
import type { Order, OrderState } from '../../domain/order'
import type { Posting } from '../../domain/posting'
import type { MerchantDaySums, Settlement } from '../../domain/settlement'
import type { Trace } from '../../domain/trace'
import type { Merchant, Purse } from './catalog'
import type { ChannelReply } from './channel'
import type { UsedSlot } from './slots'

export interface DealtDeck extends DeckId {
  version: number
  commitment: string
  cards: Cards
  dealtAt: number
  /** names the master key behind its seed; null: from before keys had names */
  keyId?: string | null
  /** what was mixed into its seed; left out: nothing */
  beacon?: Pulse
}

/** As it is committed. */
export interface SealedDeck extends DealtDeck {
  cards: Uint8Array
}

/** `day`: the bound that a campaign sets its business dates; nothing of it comes back */
export type BudgetOf = 'campaign' | 'branch' | 'day'
export type CommitResult =
  | { kind: 'committed' }
  | { kind: 'already-committed' }
  /** what a deck may cost at the most, by what is left of the campaign's, the branch's or the day's budget (of the tightest) */
  | { kind: 'budget-exhausted'; remainingFen: number; by: BudgetOf }

/** A deck of fewer cards than the rule says, and why: to be recorded with it. */
export interface ShortDeck {
  wantedSlots: number
  by: BudgetOf
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
  /** what the payer pays through the channel in the day would exceed its limit */
  | { kind: 'daily-limit' }
  /** the person has used as many cards as the campaign's terms let one, at this merchant or in all, whoever they paid as */
  | { kind: 'card-limit' }
  /** the card's deck is closed, and what nobody had drawn went back to the budgets; or it is another by now than the one the card is of */
  | { kind: 'deck-closed' }
  /** its time to be opened had passed when the ledger came to it */
  | { kind: 'too-late' }
  /** what was believed isn't so any more: look again, then ask once more */
  | { kind: 'outdated' }
  /** the order number exists: make another (nothing was sent) */
  | { kind: 'order-no-taken' }

/**
 * What an order was made of although it may have been heard some time ago. The statement that opens the order looks at it again, and opens nothing
 * where anything of it is otherwise by then.
 */
export interface Believed {
  /** of a merchant that hasn't left: who is paid, and who pays the subsidy where the card doesn't say it */
  merchant: Pick<Merchant, 'account' | 'walletAccounts'> & Partial<Purse>
  /** in force, of that account, and where it pays as the payer's default, their default; null: no agreement pays */
  agreement: { agreementId: string; account: string; isDefault: boolean } | null
}

export interface OpenOrder {
  order: Order
  idempotency: { key: string; inputHash: string }
  /** from where it came; left out: nobody knows. Kept with the order and shown to none of those who read it */
  trace?: Trace
  /** what the payer may pay through the order's channel in the day, fen */
  dailyLimitFen: number
  /** the request as it will be sent to the channel, kept beside its raw reply */
  request: unknown
  /** when the sweeper should first ask about it, if nobody ended it */
  firstQueryAt: number
  /**
   * By the ledger's own clock, ms: opened before it or never, however long the request was held up on its way. So whoever is told
   * that a quote has ended, and no order made of it, may pay another. Null: no such moment.
   */
  openBy?: number | null
  /** left out: nothing is looked at again */
  believed?: Believed
}

export type Ending =
  | {
      state: 'paid'
      channelTradeNo: string
      verification: Verification | null
      postings: readonly Posting[]
      endedAt: number
    }
  | { state: 'closed'; closeReason: string; endedAt: number }

export interface Ledger {
  /**
   * Commits a deck against the budgets of its campaign and of its merchant's branch (I7): its exposure, the dearest that so many cards
   * can be, is added to what is committed, in one statement. A deck that is there is never changed.
   */
  commitDeck(deck: SealedDeck, exposureFen: number, short?: ShortDeck): Promise<CommitResult>
  deck(deck: DeckId): Promise<DealtDeck | undefined>
  /** Slots held by orders that aren't closed. */
  usedSlots(deck: DeckId): Promise<UsedSlot[]>

  /** One transaction: order, order event, idempotency key, channel request. Nothing is stored unless `opened`. */
  openOrder(input: OpenOrder): Promise<OpenResult>
  /**
   * The end of an order, in one transaction and guarded by `state = 'paying'`: state, event, postings (their sum must be
   * zero), outbox row, the reply. `already-ended`: somebody else was first and nothing was written. A closed order with a
   * card is marked: its slot is still to be given back.
   */
  endOrder(order: Order, ending: Ending, reply: ChannelReply | null): Promise<'ended' | 'already-ended'>
  /**
   * Keeps a reply that ends nothing, as an order event, and with the order what its payer must do. `conflict` names news that contradicts the ending. Answers how the
   * order stands, as of after the call: somebody may have ended it meanwhile. A `query` or `close` of an order still in
   * `paying` ends its claim: it is due again after its wait, counted from `at`. One that waits for a proof of its payer is due
   * after the longest wait, since nothing is heard of it but through us; one whose `confirm` wasn't answered, at once.
   */
  noteReply(orderNo: string, reply: ChannelReply, conflict: string | null, at: number): Promise<OrderState>

  order(orderNo: string): Promise<Order | undefined>
  /** Which of these nonces of quotes have become orders, and how those stand. */
  ordersOfQuotes(nonces: readonly string[]): Promise<{ nonce: string; state: OrderState }[]>
  /** The order that an idempotency key made for this payer, if any, and the hash of its input. */
  orderByKey(payerId: string, key: string): Promise<{ order: Order; inputHash: string } | undefined>
  /**
   * Hands out up to `limit` orders of these channels in `paying` whose query is due, each to one caller at a time: claiming moves its next
   * query 1, 2, 4, 8, … s (at most 16 s) away, or `claimMs` if that is longer. `attempt` counts from 1.
   */
  claimDue(
    channels: readonly ChannelName[],
    now: number,
    limit: number,
    claimMs?: number,
  ): Promise<{ order: Order; attempt: number }[]>
  backlog(): Promise<Backlog>

  /**
   * Hands out up to `limit` closed orders whose slot nobody has given back some seconds after they closed, each to one
   * caller at a time: a crash, or a slot store that was away. `claimMs`: as of {@link Ledger.claimDue}, for whose end they may wait; what
   * is planned much later than that only a wrong clock can have planned.
   */
  claimReturns(now: number, limit: number, claimMs?: number): Promise<Order[]>
  /**
   * The order's slot was given back; the payer of another order that holds it now, if one does. `forGood`: nobody can have confirmed it
   * since who doesn't look for themselves, so it needn't be given back once more.
   */
  slotReturned(orderNo: string, forGood: boolean): Promise<string | null>

  /** What each channel brought to each account on a business date; the day is their sum. Of a branch: from the orders that are its; else of all. */
  merchantSettlements(merchantCode: string, businessDate: string, branchCode?: string | null): Promise<Settlement[]>
  /** The same of each day from `from` to `to`, both included, in all; days on which nothing happened are left out. Oldest first. */
  merchantDays(merchantCode: string, from: string, to: string): Promise<MerchantDaySums[]>
  /** Paid orders of the day, newest first; `cursor` is the last one's of the page before. */
  merchantOrders(
    merchantCode: string,
    businessDate: string,
    cursor: string | undefined,
    limit: number,
  ): Promise<{ items: Order[]; nextCursor?: string }>
  /** A payer's own orders, the last to be opened first; `cursor` is the last one's of the page before. */
  payerOrders(
    payerId: string,
    which: WhichOrders,
    cursor: string | undefined,
    limit: number,
  ): Promise<{ items: Order[]; nextCursor?: string }>
  /** What counts of a payer's day against its limits, by channel, fen: the amounts of orders that aren't closed. */
  spentOn(payerId: string, businessDate: string): Promise<ReadonlyMap<ChannelName, number>>
  /** What a payer has saved by paid orders, in all (`savedFen` in domain/refund.ts). */
  savings(payerId: string): Promise<Savings>
  /** Resolves when a payment could be written now. @throws LedgerUnavailable */
  ping(): Promise<void>
}

/** `orderCount`: those in which something is saved. */
export interface Savings {
  orderCount: number
  savedFen: number
}

/** Whatever is named must hold. */
export interface WhichOrders {
  merchantCode?: string | undefined
  state?: OrderState | undefined
  /** opened at `openedFrom` or later, ms, and either unfinished or paid at `paidFrom` or later */
  recent?: { openedFrom: number; paidFrom: number } | undefined
}

/** Thrown when the database can't be reached or doesn't answer in time: nothing can be said or stored; answer 503. */
export class LedgerUnavailable extends Error {
  override name: string = 'LedgerUnavailable'
}

/** It is there, and was asked for too much: `too-long`, a statement took longer than one may; `too-many`, all its connections did. */
export class LedgerBusy extends LedgerUnavailable {
  override name = 'LedgerBusy'
  constructor(
    readonly why: 'too-long' | 'too-many',
    options?: ErrorOptions,
  ) {
    super(`the ledger is busy: ${why}`, options)
  }
}

/** What the sweeper still has to do. */
export interface Backlog {
  /** orders it has asked about that are still `paying` */
  unknown: number
  /** when the oldest of them was opened, ms; null when there is none */
  oldestUnknownAt: number | null
  /** closed orders whose slot nobody is known to have given back */
  slotsToReturn: number
}

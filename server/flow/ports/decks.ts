import type { Campaign } from '../../domain/campaign'
import type { DeckId } from '../../domain/deck'
import type { Pulse } from '../../domain/deck-proof'
import type { OrderState } from '../../domain/order'
import type { Rule } from '../../domain/rule'
import type { BudgetOf, CommitResult, DealtDeck, SealedDeck, ShortDeck } from './ledger'
import type { UsedSlot } from './slots'

/** A merchant whose deck is smaller than the rule's, or missing, for want of budget. */
export interface Shortage extends DeckId {
  wantedSlots: number
  /** 0: no deck at all */
  dealtSlots: number
  by: BudgetOf
  /** when it was last found so, ms */
  notedAt: number
}

/** A deck with what became of it. */
export interface KeptDeck extends DealtDeck {
  /** the rule of its version; null when that was never kept */
  rule: Rule | null
  closedAt: number | null
  /** how many of its cards orders use that aren't closed; null while it is open */
  usedSlots: number | null
  /** whose budget it was committed to; null: nobody knows any more */
  branchCode: string | null
}

/** To which secret the decks of a version are dealt by, and since when everybody may know. */
export interface PublishedSecret {
  /** names the master key it follows from */
  keyId: string
  /** `commitToSecret` */
  commitment: string
  /** ms */
  at: number
}

/** What a campaign's approved versions committed to, the oldest first, and what tells whether it is over. */
export interface SecretsOfCampaign extends Pick<Campaign, 'state' | 'startDate' | 'endDate'> {
  /** null: none was dealt */
  lastDeckDate: string | null
  versions: { version: number; approvedAt: number; secret: PublishedSecret | null }[]
}

/** What is known of decks beside a payment's way: dealing them by the day, their books, their end. Times in ms. */
export interface Decks {
  kept(deck: DeckId): Promise<KeptDeck | undefined>
  /** The rule that a version of a campaign was approved with. */
  ruleOf(campaignId: string, version: number): Promise<Rule | undefined>
  /** What a version committed to; undefined: nothing yet. */
  secret(campaignId: string, version: number): Promise<PublishedSecret | undefined>
  /** Commits a version that hasn't yet; what stands then, be it another's. @throws when there is no such version */
  publishSecret(campaignId: string, version: number, secret: PublishedSecret): Promise<PublishedSecret>
  /** Names of the master keys that decks not closed yet, and campaigns that go on, can't do without. */
  keysInUse(): Promise<string[]>
  /** Undefined: there is no such campaign. */
  secrets(campaignId: string): Promise<SecretsOfCampaign | undefined>
  /** What the beacon said for a date; null: nothing, and it stays so; undefined: nobody has asked it. */
  pulse(businessDate: string): Promise<Pulse | null | undefined>
  /** Keeps what the beacon said; what stands then, be it what another process heard first. */
  notePulse(businessDate: string, pulse: Pulse | null, at: number): Promise<Pulse | null>
  shortage(deck: DeckId): Promise<Shortage | undefined>
  /** What is left, for a deck of the date at a merchant of the branch: of the campaign's, the branch's and the day's budget the smallest. Fen. */
  room(campaignId: string, branchCode: string, businessDate: string): Promise<{ fen: number; by: BudgetOf }>
  /** Records merchants without a deck, or that they still have none; whoever has one is left as it is. */
  noteShortages(shortages: readonly Shortage[]): Promise<void>
  /** Of all decks that a merchant was dealt for a date, of whatever campaigns: their cards, and how many of them orders use. Null: none was dealt. */
  usedAt(merchantCode: string, businessDate: string): Promise<{ total: number; used: number } | null>
  /** The orders that hold a slot of the deck and aren't closed, by slot. */
  orders(deck: DeckId): Promise<{ slot: number; orderNo: string; state: OrderState }[]>

  /** Campaigns that are on at the date: running or, once that date has come, approved to start by it. */
  campaignsOn(businessDate: string): Promise<Campaign[]>
  /**
   * Of the next `limit` merchants of the campaign after `after`, by code: those where it applies on the date and that have
   * no deck, without those whose shortage was noted after `notedBefore` (ms). `last` is the last one looked at; undefined
   * when there are no more.
   */
  undealt(
    campaignId: string,
    businessDate: string,
    page: { after: string; notedBefore: number; limit: number },
  ): Promise<{ merchants: { merchantCode: string; branchCode: string }[]; last: string | undefined }>
  /** How many {@link undealt} has in all, and the code of the one at `place`, 0 ≤ place < 1 ('' when there is none). */
  countUndealt(
    campaignId: string,
    businessDate: string,
    page: { place: number; notedBefore: number },
  ): Promise<{ count: number; middle: string }>
  /**
   * Commits decks of one campaign, of different merchants, in one statement: as many as the budgets cover, in their order.
   * One result a deck; what is left is told as of after the call.
   */
  commitMany(decks: readonly (SealedDeck & { exposureFen: number; short?: ShortDeck })[]): Promise<CommitResult[]>
  /** Has the database look at a day that was dealt, so that what is asked of it next is planned for as many decks as there are. */
  analyze(): Promise<void>
  /** Dealt decks of a date after a key, by campaign and merchant, each with the slots that orders hold. */
  dealtPage(
    businessDate: string,
    after: Pick<DeckId, 'campaignId' | 'merchantCode'> | undefined,
    limit: number,
  ): Promise<{ deck: DealtDeck; usedSlots: UsedSlot[] }[]>

  /**
   * Closes up to `limit` decks of dates up to `lastDate`: no order is opened on one from then on, it costs what its orders used,
   * and the rest goes back to the budgets (I7). Its cards are no secret any more: they are kept as `open` reads them, or stay sealed
   * where it can't (undefined). Answers how many; one that an order is being opened on is left for later.
   */
  close(
    lastDate: string,
    limit: number,
    now: number,
    open: (deck: DealtDeck) => readonly number[] | undefined,
  ): Promise<number>
  /**
   * Gives the budgets what came back of up to `limit` decks since it was last called: cards of orders that closed after their deck,
   * and the subsidy of refunds and corrections, which may also have cost more. Answers of how many decks.
   */
  takeBack(limit: number): Promise<number>
  /** Whether more of the campaign's budget may be free soon: a deck of a day before `before` isn't closed, or something wasn't taken back. */
  returning(campaignId: string, before: string): Promise<boolean>
}

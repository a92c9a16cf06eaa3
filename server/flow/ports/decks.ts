import type { Campaign } from '../../domain/campaign'
import type { DeckId } from '../../domain/deck'
import type { OrderState } from '../../domain/order'
import type { Rule } from '../../domain/rule'
import type { BudgetOf, CommitResult, DealtDeck, ShortDeck } from './ledger'
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
  /** whose budget it was committed to; null: nobody knows any more */
  branchCode: string | null
}

/** What is known of decks beside a payment's way: dealing them by the day, their books, their end. Times in ms. */
export interface Decks {
  kept(deck: DeckId): Promise<KeptDeck | undefined>
  /** The rule that a version of a campaign was approved with. */
  ruleOf(campaignId: string, version: number): Promise<Rule | undefined>
  shortage(deck: DeckId): Promise<Shortage | undefined>
  /** What is left, for a deck at a merchant of the branch: of the campaign's budget or the branch's, the smaller one. Fen. */
  room(campaignId: string, branchCode: string): Promise<number>
  /** Records merchants without a deck, or that they still have none; whoever has one is left as it is. */
  noteShortages(shortages: readonly Shortage[]): Promise<void>
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
  commitMany(decks: readonly (DealtDeck & { exposureFen: number; short?: ShortDeck })[]): Promise<CommitResult[]>
  /** Has the database look at a day that was dealt, so that what is asked of it next is planned for as many decks as there are. */
  analyze(): Promise<void>
  /** Dealt decks of a date after a key, by campaign and merchant, each with the slots that orders hold. */
  dealtPage(
    businessDate: string,
    after: Pick<DeckId, 'campaignId' | 'merchantCode'> | undefined,
    limit: number,
  ): Promise<{ deck: DealtDeck; usedSlots: UsedSlot[] }[]>

  /**
   * Closes up to `limit` decks of dates up to `lastDate` of which no order is `paying`: from then on a deck costs what its
   * orders used, and the rest goes back to the budgets (I7). Answers how many.
   */
  close(lastDate: string, limit: number, now: number): Promise<number>
}

import type { ChangeRequest } from '../../domain/change'
import type { RefundState } from '../../domain/refund'
import type { Evidence, MerchantDay, Scored } from '../../domain/suspicion'

export type Decision = 'dismissed' | 'held' | 'clawed-back'
/** `reviewing`: somebody has asked for a decision, and nobody else has reviewed it */
export const SUSPICION_STATES = ['open', 'reviewing', 'decided'] as const
export type SuspicionState = (typeof SUSPICION_STATES)[number]

/** A merchant at a campaign that a person should look at: one at a time until it is decided, however many days it has. */
export interface Suspicion {
  suspicionId: string
  campaignId: string
  campaignName: string
  merchantCode: string
  merchantName: string
  branchCode: string | null
  branchName: string | null
  state: SuspicionState
  decision: Decision | null
  decidedAt: number | null
  /** of its worst day, 0 to 100 */
  score: number
  firstDate: string
  lastDate: string
  /** days that were put before people */
  days: number
  /** how often the merchant was dismissed before at this campaign */
  dismissedBefore: number
}

export interface SuspicionDay {
  date: string
  score: number
  evidence: Evidence[]
}

/** A card's order as the queue shows it: payers are told apart by a number, and named nowhere. */
export interface SuspicionOrder {
  orderNo: string
  createdAt: number
  amountFen: number
  payableFen: number
  discountFen: number
  merchantRewardFen: number
  refundedFen: number
  /** from 1, in the order in which they came that day */
  payer: number
  /** the last claw-back of it, if there was one */
  clawBack: { refundNo: string; fen: number; state: RefundState; failReason: string | null } | null
}

/** Further discounts to be held back; `until` null: those that the suspicion holds back are given again. */
export interface HoldWish {
  campaignId: string
  merchantCode: string
  /** from everybody at the merchant */
  merchant: boolean
  /** from whoever paid these orders, which name them better than any number */
  payersOf: readonly string[]
  /** the last date */
  until: string | null
}

/** Rewards to be clawed back, each under a number that is reviewed with it and never sent for another. */
export interface ClawBackWish {
  campaignId: string
  merchantCode: string
  totalFen: number
  orders: readonly { orderNo: string; refundNo: string; fen: number }[]
}

/** Where a page of the queue ends: the score, or when it was decided. */
export interface SuspicionCursor {
  rank: number
  suspicionId: string
}

/** What a decided suspicion of a merchant came to. */
export interface Dismissed {
  merchantCode: string
  score: number
  date: string
}

export interface FoundDay {
  campaignId: string
  date: string
  merchantCode: string
  scored: Scored
}

/** The facts that are scored, what was found, and the queue of it. */
export interface Suspicions {
  /**
   * Takes a date for `holdMs`. `done`: it was scored before, and isn't to be scored `anew`; `running`: another process has it, or
   * one that died had it until a moment ago.
   */
  begin(date: string, holdMs: number, anew: boolean): Promise<'begun' | 'running' | 'done'>
  keep(date: string, holdMs: number): Promise<void>
  finish(date: string, counts: { merchants: number; found: number }, now: number): Promise<void>
  /** The earliest date from `from` on that was reconciled and not scored since. */
  dueFrom(from: string): Promise<string | undefined>
  /** Campaigns that had a deck on the date. */
  campaignsOn(date: string): Promise<{ campaignId: string; thresholdFen: number }[]>
  /** Merchants with a deck of the campaign on the date, by code. */
  merchantsOn(campaignId: string, date: string, after: string, limit: number): Promise<string[]>
  /** Their paid orders with a card of that date's decks; a merchant without any is left out. */
  merchantDays(input: {
    campaignId: string
    date: string
    merchantCodes: readonly string[]
    thresholdFen: number
  }): Promise<MerchantDay[]>
  /** The last dismissal of each that has one. */
  lastDismissed(campaignId: string, merchantCodes: readonly string[]): Promise<Dismissed[]>
  /**
   * Writes a day down with the merchant's open suspicion, or opens one; the same day again takes the place of the first, and one
   * that people have decided about stays as it was. Gives how many were written.
   */
  record(found: readonly FoundDay[]): Promise<number>

  /** The highest score first; the decided ones, the latest first. */
  list(filter: { state: SuspicionState; after?: SuspicionCursor | undefined; limit: number }): Promise<Suspicion[]>
  find(suspicionId: string): Promise<Suspicion | undefined>
  /** Newest first. */
  daysOf(suspicionId: string, limit: number): Promise<SuspicionDay[]>
  ordersOf(of: { campaignId: string; merchantCode: string; date: string }): Promise<SuspicionOrder[]>
  /** Change requests about it, newest first. */
  changesOf(suspicionId: string, limit: number): Promise<ChangeRequest[]>
  /** What it holds back, and until when, the date included. */
  holdsOf(suspicionId: string, from: string): Promise<{ who: 'merchant' | 'payer'; until: string }[]>
  /** What of each order's reward the merchant still has, fen; orders of which there is none are left out. */
  clawable(of: { campaignId: string; merchantCode: string; orderNos: readonly string[] }): Promise<Map<string, number>>
}

import type { CardBin } from '../../domain/card-bins'
import type { ChannelName } from '../../domain/channel'
import type { Rule } from '../../domain/rule'

/** What reports read of the books: orders, refunds, decks, and the counts that the database keeps of a merchant's day (I10). */

export const REPORT_KEYS = ['day', 'branch', 'merchant', 'account'] as const
export type ReportKey = (typeof REPORT_KEYS)[number]

/** A campaign as an operator may see it. */
export interface ReportScope {
  campaignId: string
  /** only this branch's merchants; null is all of them */
  branchCode: string | null
}

/** Business dates, both included. */
export interface Dates {
  from: string
  to: string
}

/** Counts and fen. */
export interface ReportFigures {
  /** paid orders at the campaign's merchants, with or without a discount */
  orderCount: number
  discountCount: number
  /** both shares */
  discountFen: number
  payerDiscountFen: number
  merchantRewardFen: number
  /** what refunds brought back of these discounts, whenever they were made */
  refundedSubsidyFen: number
  /** what accepted corrections added to what the GL accounts bore of these orders; below nought where they took it away */
  correctedFen: number
  slotsDealt: number
  slotsLeft: number
}

export interface ReportRow extends ReportFigures {
  key: string
  label: string
  /** when the last of its decks sold out on its last day, ms; null while one of them has cards */
  soldOutAt: number | null
}

export interface ReportedCampaign {
  campaignId: string
  name: string
  organiser: string
  /** of its terms; 0 before they were approved */
  version: number
  rule: Rule
  startDate: string
  endDate: string
  /** the last day that has orders of it: its last, or the next where one with a card of its last came after midnight */
  lastDate: string
}

export interface ReportBooks {
  total: ReportFigures
  rows: ReportRow[]
  /** paid orders of the campaign's merchants by day and channel; days and channels without any are left out */
  channels: { businessDate: string; channel: ChannelName; orders: number }[]
  /** cards in each of the bins */
  cards: number[]
}

export interface Reports {
  /** Undefined when there is none, or nothing of it in the branch. */
  campaign(scope: ReportScope): Promise<ReportedCampaign | undefined>
  /** All of a report as of one moment. Cards of `today` and later count only where an order was paid with them. */
  read(
    scope: ReportScope,
    input: {
      dates: Dates
      by: ReportKey
      limit: number
      bins: readonly CardBin[]
      today: string
    },
  ): Promise<ReportBooks>
  /** A page of rows in the order of their keys, after the key `after`. */
  rows(
    scope: ReportScope,
    input: { dates: Dates; by: ReportKey; after: string | undefined; limit: number },
  ): Promise<ReportRow[]>
  /**
   * Sums days of campaigns that are over, up to `lastDate`, so that a report of many days is as fast as one of few; how many of at most
   * `limit`. What is read is the same before and after.
   */
  sum(lastDate: string, limit: number): Promise<number>
}

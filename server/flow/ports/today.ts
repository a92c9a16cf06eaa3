import type { CampaignState } from '../../domain/campaign'
import type { Rule } from '../../domain/rule'
import type { Window } from '../../domain/window'

/** What operators read of the running day at a glance, of the whole bank or of a branch's merchants; fen, ms. */

/** Paid orders of a date, from the counts that the database keeps of each merchant's day. */
export interface DayOrders {
  businessDate: string
  orderCount: number
  /** of them through the bank's own channel */
  ownCount: number
  /** of them with a card */
  discountCount: number
  amountFen: number
  /** both shares, before what refunds bring back */
  discountFen: number
}

/** A campaign that is on. */
export interface RunningCampaign {
  campaignId: string
  name: string
  state: Extract<CampaignState, 'running' | 'paused'>
  endDate: string
  rule: Rule
  windows: readonly Window[]
  budgetFen: number
  /** of today at its merchants, with or without a card, and of them through the bank's own channel */
  orderCount: number
  ownCount: number
  discountCount: number
  discountFen: number
  /** today's decks by how many cards they have; `used`: by orders that aren't closed; `soldOut`: decks without a card left */
  decks: { slots: number; decks: number; used: number; soldOut: number }[]
  /** merchants that a budget left with fewer cards */
  short: number
}

export interface TodayBooks {
  /** a date without any order is left out */
  days: DayOrders[]
  /** those that end first come first */
  campaigns: RunningCampaign[]
  /** payments without an ending that were made before the moment asked about */
  stuck: { count: number; fen: number; since: number | null }
}

/** What a campaign cost on whole days before today, and what all that was drawn so far has cost. */
export interface Pace {
  costFen: number
  spentFen: number
  days: number
}

export interface Today {
  /** All of it as of one moment. */
  read(input: {
    branchCode: string | null
    /** today and others */
    dates: readonly string[]
    today: string
    stuckBefore: number
    limit: number
  }): Promise<TodayBooks>
  /** Of every campaign that is on, by its id. */
  paces(today: string, days: number): Promise<Map<string, Pace>>
}

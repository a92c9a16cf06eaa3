import type { Measured, Use } from '../../domain/effect'
import type { ControlDraw } from './campaigns'
import type { Deed } from './deed'
import type { ImportCount } from './merchant-book'
import type { Dates, ReportScope } from './report'

/** A campaign as it was planned when it was first approved: its effect is looked at by that, whatever was amended. */
export interface PlannedCampaign {
  campaignId: string
  startDate: string
  plannedEndDate: string
  /** null: somebody chose its controls */
  drawn: ControlDraw | null
}

/** What is counted, in stretches: before, then up to each look, then after the last. Business dates. */
export interface Stretches {
  before: Dates
  /** the last day of each stretch, growing */
  looks: readonly string[]
  /** the last day of all */
  to: string
}

/**
 * Merchants named at the start, each with what is known of all its orders: our own channel's and the others', which are those of a
 * day's file, else those of wallets that pay through us. Days of which nobody knows the others' count nowhere.
 */
export interface EffectBooks {
  merchants: (Measured & { after: Use })[]
  days: { businessDate: string; treated: Use; control: Use }[]
  /** merchants of each arm of whose other channels nothing is known */
  unknown: { treated: number; control: number }
  /** merchants that joined while it ran: nobody drew them, so they aren't measured */
  joinedLater: number
  /** what the discounts of its measured merchants' known days cost up to the last look, net of refunds, fen */
  costFen: number
}

/** How many orders a merchant had on a day through all channels but the bank's own, as its acquirers' file says. */
export interface OtherCount {
  merchantCode: string
  businessDate: string
  orders: number
}

export interface Effects {
  /** Undefined when there is none, or nothing of it in the branch. */
  planned(scope: ReportScope): Promise<PlannedCampaign | undefined>
  measure(scope: ReportScope, stretches: Stretches): Promise<EffectBooks>
}

export interface OtherCounts {
  /** Those of the codes that are merchants, of the branch if one is given. */
  merchants(codes: readonly string[], branchCode: string | null): Promise<string[]>
  /** Takes all, each that differs under its next revision, with the deed; a dry run writes nothing. One of a merchant and day. */
  import(counts: readonly OtherCount[], deed: Deed, dryRun: boolean): Promise<ImportCount>
}

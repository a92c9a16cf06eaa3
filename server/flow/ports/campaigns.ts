import type { Brake } from '../../domain/brake'
import type { Campaign, CampaignState } from '../../domain/campaign'
import type { Amendment, CampaignTerms, Change, ChangeState } from '../../domain/campaign-life'
import type { Deed } from './deed'

/** A campaign as operators work on it. Amounts in fen, times in ms. */
export interface CampaignRecord extends Campaign, CampaignTerms {
  maxPerPayerPerDay: number | null
  maxPerPayerPerCampaignDay: number | null
  /** grows with every change, its brake's included; guards each of them */
  revision: number
  committedFen: number
  /** merchants it names, and those left out on purpose; of the reader's branch, when the reader has one */
  merchantCount: number
  controlCount: number
  branches: { branchCode: string; branchName: string; budgetFen: number; committedFen: number }[]
  madeBy: string
  /** of the newest version; null before the first */
  approvedBy: string | null
  createdAt: number
  updatedAt: number
  /** what is reviewed next: a pause in force comes before what it was pulled beside */
  open: Change | null
  /** what waits behind a pause in force */
  behind: Change | null
  /** pulled on this campaign; what holds its merchants or the whole house isn't told here */
  brake: Brake | null
  /** who wrote what is to be approved: drafted, edited, imported or asked for it since the last approval */
  authors: string[]
}

/** Whose eyes: null sees the whole bank, a branch what is or concerns its own. */
export interface Sight {
  branchCode: string | null
}

export interface CampaignFilter extends Sight {
  today: string
  /** as of today */
  state?: CampaignState | undefined
  q?: string | undefined
  /** campaigns of that branch */
  ownBranchCode?: string | undefined
  /** only with an open change */
  open?: boolean
  cursor?: string | undefined
  limit: number
}

export type ListRole = 'merchant' | 'control'

/** Why a list of merchants was refused; nothing was changed. */
export type ListRefusal =
  /** `alike`: what is there instead, where only case or noughts at the front differ */
  | { kind: 'merchant-unknown'; role: ListRole; codes: string[]; alike: ReadonlyMap<string, string> }
  /** named and left out at once */
  | { kind: 'both-roles'; codes: string[] }
export type WriteRefusal =
  | ListRefusal
  | { kind: 'branch-not-found'; field: 'branchCode' | 'branchBudgets'; code: string }
  | { kind: 'revision-changed' }

/** Lists that are undefined stay as they are. Merchants must exist, within the writer's sight. */
export interface Lists {
  merchantCodes?: readonly string[] | undefined
  controlCodes?: readonly string[] | undefined
}

export interface Overlap {
  campaignId: string
  name: string
  priority: number
  /** merchants that both name */
  merchants: number
  /** the other one applies there */
  wins: boolean
}

/** One business date of a campaign, from the ledger. */
export interface CampaignDay {
  slots: number
  used: number
  merchants: number
  short: number
  costFen: number
  mostFen: number
}

export interface CampaignMerchant {
  merchantCode: string
  name: string
  branchCode: string
  branchName: string
  glAccount: string
  control: boolean
  /** slots dealt and those that orders hold; null when nothing was dealt */
  deck: { total: number; used: number } | null
  shortage: { wanted: number; dealt: number; reason: 'campaign-budget' | 'branch-budget' } | null
  costFen: number
  /** paid orders of the day, with or without a discount */
  orderCount: number
  /** when the last card became an order's */
  soldOutAt: number | null
  /** the name of the campaign that applies here instead */
  overruledBy: string | null
}

export interface HistoryItem {
  at: number
  username: string
  action: string
  note: string | null
  state: CampaignState | null
}

/** A step of a campaign's life: written if its revision is still the one that was looked at. */
export interface Move {
  campaignId: string
  revision: number
  /** from now on */
  state: CampaignState
  at: number
  today: string
  deed: Deed
  opens?: Change
  closes?: { changeId: string; as: Exclude<ChangeState, 'open'>; by: string; note: string | null }
  /** lets go of the campaign's brake */
  releases?: boolean
  /** what was approved becomes a version: the first as it is, an amendment as the next */
  publishes?: { kind: 'launch' } | { kind: 'amend'; amendment: Amendment }
  /** refuse when another campaign of the same priority is on at one of the merchants, the amendment's included */
  exclusive?: { amendment: Amendment | null }
}

export type MoveResult =
  | { kind: 'moved' | 'revision-changed' }
  | { kind: 'priority-tie'; campaignId: string; name: string; merchantCode: string }

/** Every write is one transaction with its deed, guarded by the revision that was looked at. */
export interface CampaignBook {
  /** @throws when the id exists */
  create(
    input: { campaignId: string; terms: CampaignTerms; at: number; deed: Deed } & Lists & Sight,
  ): Promise<{ kind: 'written' } | WriteRefusal>
  /** Terms and lists of a draft. */
  edit(
    input: { campaignId: string; revision: number; terms: Partial<CampaignTerms>; at: number; deed: Deed } & Lists &
      Sight,
  ): Promise<{ kind: 'written' } | WriteRefusal>
  /** Replaces one list of a draft, of any length. Dry: says what would be done. */
  replaceList(
    input: { campaignId: string; revision: number; role: ListRole; codes: readonly string[] } & Sight & {
        at: number
        deed: Deed
        dryRun: boolean
      },
  ): Promise<{ kind: 'written'; added: number; removed: number; unchanged: number } | WriteRefusal>
  move(move: Move): Promise<MoveResult>

  /** Undefined when there is none in sight. */
  find(campaignId: string, sight: Sight): Promise<CampaignRecord | undefined>
  /** Newest first. */
  list(filter: CampaignFilter): Promise<{ items: CampaignRecord[]; nextCursor?: string }>
  /** Those of the codes that the campaign names, and those that exist within the writer's sight. */
  known(campaignId: string, codes: readonly string[], sight: Sight): Promise<{ named: string[]; exist: string[] }>
  history(campaignId: string): Promise<HistoryItem[]>
  /** Others that are on, or will be, at its merchants while it is; not those that are over today. */
  overlaps(campaignId: string, today: string, sight: Sight): Promise<Overlap[]>
  day(campaignId: string, date: string, sight: Sight): Promise<CampaignDay>
  /** What it cost on the `days` business dates before `today` that it ran, and how many those were. */
  pace(campaignId: string, today: string, days: number): Promise<{ costFen: number; days: number }>
  /** By merchant code; `cursor` is the last one's of the page before. */
  merchants(query: {
    campaignId: string
    date: string
    sight: Sight
    q?: string | undefined
    only?: 'short' | 'sold-out' | 'control' | undefined
    cursor?: string | undefined
    limit: number
  }): Promise<{ items: CampaignMerchant[]; nextCursor?: string }>
  /** Campaigns that have to start or to end, by today's date, and haven't been said to. */
  overdue(
    today: string,
    limit: number,
  ): Promise<Pick<CampaignRecord, 'campaignId' | 'revision' | 'state' | 'startDate' | 'endDate'>[]>
}

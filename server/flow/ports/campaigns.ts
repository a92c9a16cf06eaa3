import type { Brake } from '../../domain/brake'
import type { Campaign, CampaignState } from '../../domain/campaign'
import type { Amendment, CampaignTerms, Change, ChangeState } from '../../domain/campaign-life'
import type { Candidate } from '../../domain/draw-controls'
import type { PublishedSecret } from './decks'
import type { Deed } from './deed'
import type { Pace } from './today'

/** A campaign as operators work on it. Amounts in fen, times in ms. */
export interface CampaignRecord extends Campaign, CampaignTerms {
  maxPerPayerPerDay: number | null
  maxPerPayerPerCampaignDay: number | null
  /** grows with every change, its brake's included; guards each of them */
  revision: number
  /** of open decks what they can cost by the rule and not what their cards come to, so that nobody looks ahead by it; at most the budget */
  committedFen: number
  /** merchants it names, and those left out on purpose; of the reader's branch, when the reader has one */
  merchantCount: number
  controlCount: number
  /** it names merchants, or has budgets, that the reader's branch doesn't see */
  beyondBranch: boolean
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

/** A launch that was rejected, as it was submitted. */
export interface Rejected {
  changeId: string
  terms: CampaignTerms
  by: string
  at: number
  note: string | null
}

/** A merchant on a campaign's lists as they are, and as they were when a launch was last rejected, or before an amendment. */
export interface ListLine {
  code: string
  name: string
  branchCode: string
  branchName: string
  /** null: taken away */
  role: ListRole | null
  /** null: on neither list */
  was: ListRole | null
}

export interface ListCounts {
  /** there is something to compare with; without it nothing was anything */
  compared: boolean
  merchants: number
  controls: number
  added: number
  removed: number
  /** from one list to the other */
  turned: number
}

/** With which a draft is made once, however often it is asked for. */
export interface MakeKey {
  key: string
  /** of what it is made of */
  inputHash: string
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
  /** by the rule, whatever the cards are */
  mostFen: number
  /** what may still be dealt of the day, fen; null where it has no budget of its own */
  leftFen: number | null
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
  shortage: { wanted: number; dealt: number; reason: 'campaign-budget' | 'branch-budget' | 'day-budget' } | null
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
  /** what was approved becomes a version: the first as it is, an amendment as the next. With it the secret of its decks is committed to */
  publishes?: ({ kind: 'launch' } | { kind: 'amend'; amendment: Amendment }) & { secret: PublishedSecret }
  /** refuse when another campaign of the same priority is on at one of the merchants, the amendment's included */
  exclusive?: { amendment: Amendment | null }
}

export type MoveResult =
  | { kind: 'moved' | 'revision-changed' }
  | { kind: 'priority-tie'; campaignId: string; name: string; merchantCode: string }

/** How control merchants were drawn: of what (hash), how many, and the SHA-256 of the seed, hex. */
export interface ControlDraw {
  percent: number
  listHash: string
  commitment: string
  /** names the master key behind the campaign's secret */
  keyId: string
}

/** Every write is one transaction with its deed, guarded by the revision that was looked at. */
export interface CampaignBook {
  /**
   * `made`: the writer made a draft with that key already, of the same input (`same`) or of another; nothing is written then.
   * @throws when the id exists
   */
  create(
    input: { campaignId: string; terms: CampaignTerms; make?: MakeKey | undefined; at: number; deed: Deed } & Lists &
      Sight,
  ): Promise<{ kind: 'written' } | { kind: 'made'; campaignId: string; same: boolean } | WriteRefusal>
  /** Terms and lists of a draft; `draw`: how the lists were drawn. A list that is edited otherwise isn't drawn any more. */
  edit(
    input: { campaignId: string; revision: number; terms: Partial<CampaignTerms>; at: number; deed: Deed } & Lists &
      Sight & { draw?: ControlDraw },
  ): Promise<{ kind: 'written' } | WriteRefusal>
  /** Replaces one list of a draft, of any length. Dry: says what would be done. */
  replaceList(
    input: { campaignId: string; revision: number; role: ListRole; codes: readonly string[] } & Sight & {
        at: number
        deed: Deed
        dryRun: boolean
      },
  ): Promise<{ kind: 'written'; added: number; removed: number; unchanged: number } | WriteRefusal>
  /** Throws a draft away: nobody sees it from then on. */
  drop(input: {
    campaignId: string
    revision: number
    at: number
    deed: Deed
  }): Promise<{ kind: 'written' } | { kind: 'revision-changed' }>
  move(move: Move): Promise<MoveResult>
  /** All merchants that a draft names, on either list, with their branch and their orders through whatever channel in those days. */
  candidates(campaignId: string, sight: Sight, days: { from: string; to: string }): Promise<Candidate[]>

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
  /** What it cost on the `days` business dates before `today` that it ran, and how many those were; and what all that was drawn so far has cost. */
  pace(campaignId: string, today: string, days: number): Promise<Pace>
  /** The last launch that was rejected, of those of which it is known what they were. */
  rejected(campaignId: string): Promise<Rejected | undefined>
  /** The lists of a launch or an amendment that waits for review, by merchant code, within sight; nothing when none waits. */
  reviewLists(query: {
    campaignId: string
    sight: Sight
    onlyChanged: boolean
    cursor?: string | undefined
    limit: number
  }): Promise<{ counts: ListCounts; items: ListLine[]; nextCursor?: string }>
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
  /** Of campaigns that are on at that date, paused ones too, those with the smallest part of their budget left, that first. */
  budgets(date: string, limit: number): Promise<{ campaignId: string; budgetFen: number; committedFen: number }[]>
}

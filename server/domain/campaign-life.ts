import { type Campaign, type CampaignState, heldState } from './campaign'
import type { ChannelName } from './channel'
import { type Period, type PeriodFault, periodFaults, type Rule } from './rule'
import { covers, type Window, type WindowFault, windowFaults } from './window'

/** What a maker writes and a checker approves. Amounts in fen; dates are business dates, both included. */
export interface CampaignTerms extends Period {
  name: string
  organiser: string
  rule: Rule
  budgetFen: number
  /** what the decks of one business date may cost; null is no bound of its own */
  dailyBudgetFen: number | null
  /** when it gives discounts; none is always */
  windows: readonly Window[]
  /** what the campaign may cost each branch; a branch that isn't named is bound by the campaign's budget alone */
  branchBudgets: { branchCode: string; budgetFen: number }[]
  maxPerPayerPerDay: number | null
  maxPerPayerPerCampaignDay: number | null
  /** which channels carry the discount */
  channels: readonly ChannelName[]
  /** where several campaigns are on at one merchant, the highest applies and the others don't; never both */
  priority: number
  /** whose campaign it is; null is the whole bank's */
  branchCode: string | null
}

/**
 * What may change after the start: only what favours consumers (规范促销行为暂行规定: no change after publication unless it
 * does). The end moves later, merchants join, budgets grow, windows widen.
 */
export interface Amendment {
  endDate?: string
  addMerchantCodes?: string[]
  budgetFen?: number
  /** null: none of its own any more */
  dailyBudgetFen?: number | null
  /** none: always */
  windows?: readonly Window[]
}

export const CHANGE_KINDS = ['launch', 'pause', 'resume', 'end', 'amend'] as const
export type ChangeKind = (typeof CHANGE_KINDS)[number]
export const CHANGE_STATES = ['open', 'approved', 'rejected', 'withdrawn'] as const
export type ChangeState = (typeof CHANGE_STATES)[number]

/** A change that waits for a second pair of eyes. A campaign has one at a time, and beside it the pause that is in force. */
export interface Change {
  changeId: string
  campaignId: string
  kind: ChangeKind
  /** of `amend` */
  amendment: Amendment | null
  /** of the merchants that it adds those of other branches than its reader's, who isn't told of them */
  unseen?: readonly string[]
  /** a pause holds from when it is asked for: stopping is always safe, and is reviewed afterwards */
  inForce: boolean
  note: string | null
  madeBy: string
  madeAt: number
  state: ChangeState
  reviewedBy: string | null
  reviewedAt: number | null
  reviewNote: string | null
}

/** The amendment as its reader is told of it. What approving does goes by the whole. */
export function amendmentSeen({ amendment, unseen = [] }: Pick<Change, 'amendment' | 'unseen'>): Amendment | null {
  if (!amendment?.addMerchantCodes || unseen.length === 0) return amendment
  const { addMerchantCodes: all, ...rest } = amendment
  const addMerchantCodes = all.filter((code) => !unseen.includes(code))
  return addMerchantCodes.length > 0 ? { ...rest, addMerchantCodes } : rest
}

export type LifeRefusal =
  /** the campaign isn't in a state from which that can be asked for */
  | 'transition-refused'
  /** something else waits for review */
  | 'change-open'
  /** nothing waits for review */
  | 'no-open-change'
  /** 经办 and 复核 are different people: who asked, or wrote what was asked for, doesn't review it */
  | 'own-change'
  /** the start date is past, so approving it would begin in the middle of what was published */
  | 'start-passed'

/** What takes a second person. A pause doesn't: see {@link pull}. */
export type AskedKind = Exclude<ChangeKind, 'pause'>

/** From which states (on the date) each change can be asked for. */
const FROM: Record<AskedKind, readonly CampaignState[]> = {
  launch: ['draft'],
  resume: ['paused'],
  end: ['approved', 'running', 'paused'],
  amend: ['approved', 'running', 'paused'],
}

export interface Standing {
  /** as of the date, by {@link stateOn} */
  state: CampaignState
  open: Pick<Change, 'kind' | 'madeBy' | 'inForce'> | null
  /** who wrote what is to be approved since the last approval */
  authors?: readonly string[]
}

export type Decision = { kind: 'allowed'; state: CampaignState } | { kind: 'refused'; code: LifeRefusal }

export interface Dates {
  today: string
  startDate: string
}

/** An operator stops the discounts at once, whatever is open and whatever the campaign is: only what has ended has nothing to stop. */
export function pull(state: CampaignState): Decision {
  return state === 'ended' ? refused('transition-refused') : allowed(heldState(state))
}

/** An operator asks for a change. `state` is the campaign's from now on. */
export function ask(standing: Standing, kind: AskedKind, dates: Dates): Decision {
  if (standing.open) return refused('change-open')
  if (!FROM[kind].includes(standing.state)) return refused('transition-refused')
  if (kind === 'launch') return dates.startDate < dates.today ? refused('start-passed') : allowed('submitted')
  return allowed(standing.state)
}

/** They asked for it, or wrote terms that it would publish. */
export function isOwn(open: Pick<Change, 'kind' | 'madeBy'>, authors: readonly string[], by: string): boolean {
  const ofTerms = open.kind === 'launch' || open.kind === 'amend'
  return open.madeBy === by || (ofTerms && authors.includes(by))
}

/**
 * Another operator reviews what is open; of terms somebody who wrote none of them. Rejected, a launch goes back to draft and a
 * pause in force is lifted; the others leave things as they are.
 */
export function review(standing: Standing, verdict: 'approve' | 'reject', by: string, dates: Dates): Decision {
  const { open, state, authors = [] } = standing
  if (!open) return refused('no-open-change')
  if (isOwn(open, authors, by)) return refused('own-change')
  if (state === 'ended') return verdict === 'reject' ? allowed('ended') : refused('transition-refused')
  const approved = verdict === 'approve'
  switch (open.kind) {
    case 'launch':
      if (approved && dates.startDate < dates.today) return refused('start-passed')
      return allowed(approved ? 'approved' : 'draft')
    case 'pause':
      return allowed(approved ? state : lifted(state))
    case 'resume':
      return allowed(approved ? lifted(state) : state)
    case 'end':
      return allowed(approved ? 'ended' : state)
    case 'amend':
      return allowed(state)
    default:
      return open.kind satisfies never
  }
}

/** Without its pause; one that hasn't started yet then waits for its start date (`stateOn`). */
const lifted = (state: CampaignState): CampaignState => (state === 'paused' ? 'running' : state)

/** Whoever asked takes it back. What is in force can't be taken back: lifting a pause needs another pair of eyes. */
export function withdraw(standing: Standing, by: string): Decision {
  const { open, state } = standing
  if (!open) return refused('no-open-change')
  if (open.madeBy !== by || open.inForce) return refused('transition-refused')
  return allowed(open.kind === 'launch' ? 'draft' : state)
}

export interface AmendmentFault {
  /** its path in the amendment */
  field: string
  code: 'not-favourable' | 'nothing-changes' | 'out-of-range' | PeriodFault['code'] | WindowFault['code']
  message: string
}

/** ¥1 trillion: a typing error and not a budget; sums stay far inside safe integers. */
const MAX_BUDGET_FEN = 1e14

type Amended = Pick<Campaign, 'startDate' | 'endDate' | 'budgetFen' | 'dailyBudgetFen' | 'windows'>

/**
 * Every fault of an amendment; an empty list means it favours consumers. `named`: those of `addMerchantCodes` that the
 * campaign names already. Whether the merchants exist is the store's to say.
 */
export function amendmentFaults(
  campaign: Amended,
  amendment: Amendment,
  named: ReadonlySet<string> = new Set(),
): AmendmentFault[] {
  const { endDate, addMerchantCodes, budgetFen, dailyBudgetFen, windows } = amendment
  const faults: AmendmentFault[] = []
  const add = (field: keyof Amendment, code: AmendmentFault['code'], message: string) =>
    faults.push({ field, code, message })
  if (Object.values(amendment).every((value) => value === undefined))
    add(
      'endDate',
      'nothing-changes',
      'an amendment moves the end, adds merchants, raises a budget or widens the windows',
    )
  if (endDate !== undefined) {
    const [impossible] = periodFaults({ startDate: campaign.startDate, endDate })
    if (impossible) add('endDate', impossible.code, impossible.message)
    else if (endDate < campaign.endDate) add('endDate', 'not-favourable', 'the end may only move later')
    else if (endDate === campaign.endDate) add('endDate', 'nothing-changes', 'that is the end already')
  }
  if (addMerchantCodes?.every((code) => named.has(code)))
    add('addMerchantCodes', 'nothing-changes', 'the campaign names all of them already')
  if (budgetFen !== undefined) faults.push(...raised('budgetFen', campaign.budgetFen, budgetFen))
  if (dailyBudgetFen !== undefined) faults.push(...dailyFaults(campaign, dailyBudgetFen))
  if (windows !== undefined) faults.push(...widened(campaign, windows))
  return faults
}

function raised(field: keyof Amendment, nowFen: number, fen: number): AmendmentFault[] {
  const fault = (code: AmendmentFault['code'], message: string) => [{ field, code, message }]
  if (!Number.isSafeInteger(fen) || fen < 1 || fen > MAX_BUDGET_FEN)
    return fault('out-of-range', `${field} must be a whole number from 1 to ${MAX_BUDGET_FEN}`)
  if (fen < nowFen) return fault('not-favourable', 'the budget may only grow')
  return fen === nowFen ? fault('nothing-changes', 'that is the budget already') : []
}

/** Without a bound of its own a day is bound by what is left of the budget: that is more, and a bound then is less. */
function dailyFaults({ dailyBudgetFen: now }: Amended, fen: number | null): AmendmentFault[] {
  const field = 'dailyBudgetFen'
  if (now === null)
    return fen === null
      ? [{ field, code: 'nothing-changes', message: 'it has none' }]
      : [{ field, code: 'not-favourable', message: 'a day had no bound of its own' }]
  return fen === null ? [] : raised(field, now, fen)
}

function widened({ windows: now, startDate, endDate }: Amended, windows: readonly Window[]): AmendmentFault[] {
  const faults = windowFaults(windows, { startDate, endDate })
  const field = 'windows'
  if (faults.length > 0) return faults
  if (!covers(windows, now)) return [{ field, code: 'not-favourable', message: 'the windows may only widen' }]
  return covers(now, windows) ? [{ field, code: 'nothing-changes', message: 'those are the windows already' }] : []
}

const allowed = (state: CampaignState): Decision => ({ kind: 'allowed', state })
const refused = (code: LifeRefusal): Decision => ({ kind: 'refused', code })

import { businessDate } from '../../domain/business-date'
import { type CampaignState, heldState, stateOn } from '../../domain/campaign'
import type { CampaignTerms, LifeRefusal } from '../../domain/campaign-life'
import type { DeckKeys } from '../../domain/key-ring'
import { mayChange, type Operator } from '../../domain/operator'
import type { House, TermsFault } from '../../domain/promise'
import type { CampaignBook, CampaignRecord, Channels, Clock, Move, Operators, Random, WriteRefusal } from '../ports'

/** With what the house lets campaigns promise: its open channels and its own bounds. */
export interface CampaignDeps extends House, DeckKeys {
  campaigns: CampaignBook
  clock: Clock
  random: Random
  channels: Channels
  operators: Pick<Operators, 'logRefusal'>
}

export type CampaignRefusal =
  | LifeRefusal
  | 'campaign-not-found'
  | 'campaign-faulty'
  | 'not-a-draft'
  | 'revision-changed'
  | 'not-favourable'
  | 'priority-tie'
  | 'branch-refused'
  | 'branch-not-found'
  | 'merchant-unknown'

/** A refusal to be shown: `field` is the path of the input at fault. */
export interface Refusal {
  kind: 'refused'
  code: CampaignRefusal
  field?: string
  detail?: string
  /** which of a code's ways; stable too */
  reason?: string
}

export const refusal = (code: CampaignRefusal, field?: string, detail?: string): Refusal => ({
  kind: 'refused',
  code,
  ...(field !== undefined && { field }),
  ...(detail !== undefined && { detail }),
})

/** The first of the terms' faults, if there is one. */
export function faulty([fault]: readonly TermsFault[]): Refusal | undefined {
  return fault && { ...refusal('campaign-faulty', fault.field, fault.message), reason: fault.code }
}

/** Branches' budgets that the operator may know: terms that were kept have all of them, and a database gives their fields in an order of its own. */
export const ofSight = (operator: Operator, { branchBudgets }: Pick<CampaignTerms, 'branchBudgets'>) =>
  branchBudgets
    .filter(({ branchCode }) => mayChange(operator, branchCode))
    .map(({ branchCode, budgetFen }) => ({ branchCode, budgetFen }))

/** A campaign as it is today. */
export interface Seen {
  record: CampaignRecord
  state: CampaignState
}

export const subjectOf = (campaignId: string) => `campaign/${campaignId}` as const

/** A campaign in the operator's sight, with its state as of today. */
export async function seen(deps: CampaignDeps, operator: Operator, campaignId: string): Promise<Seen | Refusal> {
  const record = await deps.campaigns.find(campaignId, operator)
  if (!record) return refusal('campaign-not-found')
  return seenOn(record, businessDate(deps.clock.now()))
}

/** As of the date, and paused while its brake holds it. */
export function seenOn(record: CampaignRecord, date: string): Seen {
  const state = record.brake ? heldState(record.state) : record.state
  return { record, state: stateOn({ ...record, state }, date) }
}

/**
 * A campaign that the operator may change, at the revision they looked at. What its dates have started or ended meanwhile is
 * written first, so that its history is whole.
 */
export async function changeable(
  deps: CampaignDeps,
  operator: Operator,
  campaignId: string,
  revision: number,
): Promise<Seen | Refusal> {
  const found = await seen(deps, operator, campaignId)
  if ('kind' in found) return found
  const { record } = found
  if (!mayChange(operator, record.branchCode)) return refusal('branch-refused')
  if (revision !== record.revision) return refusal('revision-changed', 'If-Match')
  if (stateOn(record, businessDate(deps.clock.now())) === record.state) return found
  if ((await deps.campaigns.move(byDate(deps, record))).kind !== 'moved') return refusal('revision-changed', 'If-Match')
  return changeable(deps, operator, campaignId, revision + 1)
}

/** The step that a campaign's dates make by themselves. */
export function byDate(
  { clock }: Pick<CampaignDeps, 'clock'>,
  record: Pick<CampaignRecord, 'campaignId' | 'revision' | 'state' | 'startDate' | 'endDate'>,
): Move {
  const at = clock.now()
  const today = businessDate(at)
  const { campaignId, revision, state: before } = record
  const state = stateOn(record, today)
  const action = state === 'ended' ? 'campaign.finish' : 'campaign.start'
  const deed = {
    at,
    username: 'system',
    action,
    subject: subjectOf(campaignId),
    before: { state: before },
    after: { state },
  }
  return { campaignId, revision, state, at, today, deed }
}

const LIST_FIELD = { merchant: 'merchantCodes', control: 'controlCodes' } as const

/** The same as a refusal of the whole input; at most ten codes are named. */
export function written(result: WriteRefusal): Refusal {
  switch (result.kind) {
    case 'revision-changed':
      return refusal('revision-changed', 'If-Match')
    case 'branch-not-found':
      return refusal('branch-not-found', result.field, `there is no branch ${result.code}`)
    case 'merchant-unknown':
      return refusal('merchant-unknown', LIST_FIELD[result.role], result.codes.slice(0, 10).join(', '))
    case 'both-roles':
      return {
        ...refusal('campaign-faulty', 'controlCodes', result.codes.slice(0, 10).join(', ')),
        reason: 'both-roles',
      }
    default:
      return result satisfies never
  }
}

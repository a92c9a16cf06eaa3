import { createHash } from 'node:crypto'
import { businessDate } from '../../domain/business-date'
import { termsDiff } from '../../domain/campaign-diff'
import type { CampaignTerms } from '../../domain/campaign-life'
import { mayChange, type Operator } from '../../domain/operator'
import { termsFaults } from '../../domain/promise'
import {
  type CampaignDay,
  type CampaignFilter,
  type CampaignMerchant,
  type HistoryItem,
  type ListRole,
  type Lists,
  type MakeKey,
  type Overlap,
  type Slots,
  unlessAway,
} from '../ports'
import {
  type CampaignDeps,
  changeable,
  faulty,
  type Refusal,
  refusal,
  type Seen,
  seen,
  seenOn,
  subjectOf,
  written,
} from './access'
import { daysLeft, PACE_DAYS } from './days-left'

export interface CampaignDetail extends Seen {
  overlaps: Overlap[]
  /** today's */
  date: string
  today: (CampaignDay & { businessDate: string }) | null
  /** as {@link daysLeft} */
  daysLeft: number | null
}

export async function campaignDetail(
  deps: CampaignDeps,
  operator: Operator,
  campaignId: string,
): Promise<CampaignDetail | Refusal> {
  const found = await seen(deps, operator, campaignId)
  if ('kind' in found) return found
  const { record, state } = found
  const date = businessDate(deps.clock.now())
  const on = state === 'running' || state === 'paused'
  const [overlaps, day, pace] = await Promise.all([
    deps.campaigns.overlaps(campaignId, date, operator),
    on ? deps.campaigns.day(campaignId, date, operator) : null,
    on ? deps.campaigns.pace(campaignId, date, PACE_DAYS) : null,
  ])
  const today = day && { businessDate: date, ...day }
  return { ...found, overlaps, date, today, daysLeft: daysLeft(record, pace, date) }
}

/** A page of what the operator sees, newest first, each as it is today. */
export async function campaignPage(
  deps: CampaignDeps,
  operator: Operator,
  query: Pick<CampaignFilter, 'state' | 'q' | 'cursor'> & { branchCode?: string | undefined },
): Promise<{ items: Seen[]; nextCursor?: string }> {
  const today = businessDate(deps.clock.now())
  const { branchCode: ownBranchCode, ...rest } = query
  const filter = { ...rest, ownBranchCode, branchCode: operator.branchCode, today, limit: 20 }
  const { items, ...more } = await deps.campaigns.list(filter)
  return { items: items.map((record) => seenOn(record, today)), ...more }
}

/**
 * A draft. An operator of one branch drafts for that branch alone, and with its merchants. With a key it is made once: asked for again,
 * it is the same one, and `key-reused` with other terms.
 */
export async function createCampaign(
  deps: CampaignDeps,
  operator: Operator,
  terms: CampaignTerms,
  lists: Lists,
  key: string | null = null,
): Promise<{ kind: 'written' | 'key-reused'; campaignId: string } | Refusal> {
  const own = { ...terms, branchCode: terms.branchCode ?? operator.branchCode }
  const refused = foreign(operator, own) ?? faulty(termsFaults(own, deps))
  if (refused) return refused
  const at = deps.clock.now()
  const campaignId = `C${businessDate(at).replaceAll('-', '')}-${Buffer.from(deps.random(4)).toString('hex')}`
  const deed = {
    at,
    username: operator.username,
    action: 'campaign.create',
    subject: subjectOf(campaignId),
    after: { state: 'draft', ...own, ...counted(lists) },
  }
  const { branchCode } = operator
  const make: MakeKey | undefined = key === null ? undefined : { key, inputHash: hashOf(own, lists) }
  const result = await deps.campaigns.create({ campaignId, terms: own, make, ...lists, branchCode, at, deed })
  if (result.kind === 'written') return { kind: 'written', campaignId }
  if (result.kind !== 'made') return written(result)
  return { kind: result.same ? 'written' : 'key-reused', campaignId: result.campaignId }
}

const hashOf = (terms: CampaignTerms, { merchantCodes = [], controlCodes = [] }: Lists) =>
  createHash('sha256')
    .update(JSON.stringify([terms, merchantCodes, controlCodes]))
    .digest('hex')

/** Throws away a draft that is still as it was looked at. What was approved once is no draft any more, and stays. */
export async function dropDraft(
  deps: CampaignDeps,
  operator: Operator,
  campaignId: string,
  revision: number,
): Promise<{ kind: 'written' } | Refusal> {
  const found = await changeable(deps, operator, campaignId, revision)
  if ('kind' in found) return found
  if (found.state !== 'draft') return refusal('not-a-draft')
  const at = deps.clock.now()
  const { name, madeBy } = found.record
  const deed = {
    at,
    username: operator.username,
    action: 'campaign.delete',
    subject: subjectOf(campaignId),
    before: { name, madeBy },
  }
  const result = await deps.campaigns.drop({ campaignId, revision: found.record.revision, at, deed })
  return result.kind === 'written' ? { kind: 'written' } : written({ kind: 'revision-changed' })
}

/** Changes a draft that is still as it was looked at; what is undefined stays. */
export async function editCampaign(
  deps: CampaignDeps,
  operator: Operator,
  campaignId: string,
  revision: number,
  { terms, lists }: { terms: Partial<CampaignTerms>; lists: Lists },
): Promise<{ kind: 'written' } | Refusal> {
  const found = await changeable(deps, operator, campaignId, revision)
  if ('kind' in found) return found
  if (found.state !== 'draft') return refusal('not-a-draft')
  const refused = foreign(operator, terms) ?? faulty(termsFaults({ ...found.record, ...terms }, deps))
  if (refused) return refused
  const at = deps.clock.now()
  const diff = termsDiff(found.record, terms)
  const deed = {
    at,
    username: operator.username,
    action: 'campaign.edit',
    subject: subjectOf(campaignId),
    before: Object.fromEntries(diff.map(({ field, before }) => [field, before])),
    after: { ...Object.fromEntries(diff.map(({ field, after }) => [field, after])), ...counted(lists) },
  }
  const { branchCode } = operator
  const edit = { campaignId, revision: found.record.revision, terms, ...lists, branchCode, at, deed }
  const result = await deps.campaigns.edit(edit)
  return result.kind === 'written' ? result : written(result)
}

export interface ListImport {
  role: ListRole
  codes: readonly string[]
  dryRun: boolean
}
export type ListImported =
  | { kind: 'written'; added: number; removed: number; unchanged: number }
  /** nothing was changed; these codes are why */
  | { kind: 'faulty'; why: 'merchant-unknown' | 'both-roles'; codes: string[]; alike: ReadonlyMap<string, string> }

/** Replaces a draft's list by one of any length. */
export async function importMerchants(
  deps: CampaignDeps,
  operator: Operator,
  campaignId: string,
  revision: number,
  { role, codes, dryRun }: ListImport,
): Promise<ListImported | Refusal> {
  const found = await changeable(deps, operator, campaignId, revision)
  if ('kind' in found) return found
  if (found.state !== 'draft') return refusal('not-a-draft')
  const at = deps.clock.now()
  const action = 'campaign.import'
  const after = { role, ...listed(codes) }
  const deed = { at, username: operator.username, action, subject: subjectOf(campaignId), after }
  const { branchCode } = operator
  const input = { campaignId, revision: found.record.revision, role, codes, branchCode, at, deed, dryRun }
  const result = await deps.campaigns.replaceList(input)
  if (result.kind === 'written') return result
  if (result.kind === 'merchant-unknown') return { ...result, kind: 'faulty', why: result.kind }
  if (result.kind === 'both-roles') return { ...result, kind: 'faulty', why: result.kind, alike: new Map() }
  return written(result)
}

export async function campaignHistory(
  deps: CampaignDeps,
  operator: Operator,
  campaignId: string,
): Promise<HistoryItem[] | Refusal> {
  const found = await seen(deps, operator, campaignId)
  return 'kind' in found ? found : deps.campaigns.history(campaignId)
}

export type MerchantOfDay = Omit<CampaignMerchant, 'deck'> & {
  /** `leased` from the slot store: null while it can't be known */
  deck: { total: number; used: number; leased: number | null } | null
}

/** A page of the merchants of a campaign on a date, today unless said: decks and cost from the ledger, leases from the slots. */
export async function merchantsOfDay(
  deps: CampaignDeps & { slots: Slots },
  operator: Operator,
  campaignId: string,
  query: { date?: string | undefined; q?: string | undefined; only?: 'short' | 'sold-out' | 'control' | undefined } & {
    cursor?: string | undefined
  },
): Promise<{ items: MerchantOfDay[]; nextCursor?: string } | Refusal> {
  const found = await seen(deps, operator, campaignId)
  if ('kind' in found) return found
  const today = businessDate(deps.clock.now())
  const date = query.date ?? today
  const page = { ...query, campaignId, date, sight: operator, limit: 50 }
  const { items, ...more } = await deps.campaigns.merchants(page)
  const leased = async ({ merchantCode }: CampaignMerchant) => {
    // nobody leases a card of another day; a deck that isn't loaded has no leases
    if (date !== today) return 0
    const count = await deps.slots.count({ campaignId, merchantCode, businessDate: date })
    return count?.leased ?? 0
  }
  const live = items.map(async (item) => {
    const deck = item.deck && { ...item.deck, leased: await unlessAway(leased(item), null) }
    return { ...item, deck }
  })
  return { items: await Promise.all(live), ...more }
}

/** What isn't the operator's branch's, they can't give it. */
function foreign(operator: Operator, { branchCode, branchBudgets = [] }: Partial<CampaignTerms>): Refusal | undefined {
  if (branchCode !== undefined && !mayChange(operator, branchCode)) return refusal('branch-refused', 'branchCode')
  if (branchBudgets.some((one) => !mayChange(operator, one.branchCode)))
    return refusal('branch-refused', 'branchBudgets')
  const codes = branchBudgets.map((one) => one.branchCode)
  const twice = codes.find((code, i) => codes.indexOf(code) !== i)
  return twice === undefined
    ? undefined
    : { ...refusal('campaign-faulty', 'branchBudgets', twice), reason: 'branch-twice' }
}

/** Codes in a deed: all of a short list; of a long one how many, and a hash that tells whether it was the same. */
function listed(codes: readonly string[]) {
  if (codes.length <= 1_000) return { count: codes.length, codes }
  return { count: codes.length, sha256: createHash('sha256').update(codes.join('\n')).digest('hex') }
}

const counted = ({ merchantCodes, controlCodes }: Lists) => ({
  ...(merchantCodes && { merchants: listed(merchantCodes) }),
  ...(controlCodes && { controls: listed(controlCodes) }),
})

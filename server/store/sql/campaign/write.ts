import { sql as raw, type Transaction, type Updateable } from 'kysely'
import type { CampaignTerms } from '../../../domain/campaign-life'
import type { CampaignBook, MakeKey, Sight, WriteRefusal } from '../../../flow/ports'
import { analyze } from '../analyze'
import type { DeedLog } from '../deed/log'
import type { Sql } from '../open-sql'
import { orRefused, Refused } from '../refused'
import type { Tables } from '../tables'
import { type Replaced, refuseBothRoles, replaceList, setLists } from './lists'
import { dropSaved } from './sketches'

type Input<Verb extends 'create' | 'edit' | 'drop' | 'replaceList'> = Parameters<CampaignBook[Verb]>[0]

type Created = Awaited<ReturnType<CampaignBook['create']>>

export function createCampaign(sql: Sql, deeds: DeedLog, input: Input<'create'>): Promise<Created> {
  const { campaignId, terms, make, at, deed } = input
  const { username } = deed
  const created = sql.transaction(async (tx) => {
    if (make) await refuseMade(tx, username, make)
    await refuseBranches(tx, terms)
    const row = { ...columnsOf(terms), campaign_id: campaignId, version: 1, state: 'draft' as const }
    const keyed = { make_key: make?.key ?? null, make_hash: make?.inputHash ?? null }
    const inserted = await tx
      .insertInto('campaigns')
      .values({ ...row, ...keyed, made_by: username, created_at: at, updated_at: at } as never)
      .onConflict((conflict) => conflict.columns(['made_by', 'make_key']).where('make_key', 'is not', null).doNothing())
      .executeTakeFirst()
    // Of two at once the second finds here what the first has made.
    if (make && inserted.numInsertedOrUpdatedRows !== 1n) await refuseMade(tx, username, make)
    await setBranchBudgets(tx, campaignId, terms.branchBudgets, input)
    await setLists(tx, campaignId, input, input)
    if (make) await dropSaved(tx, username, { makeKey: make.key })
    await deeds.write(tx, deed)
    return { kind: 'written' as const }
  })
  return orRefused<Created, Created>(created)
}

async function refuseMade(tx: Transaction<Tables>, username: string, { key, inputHash }: MakeKey): Promise<void> {
  const made = await tx
    .selectFrom('campaigns')
    .select(['campaign_id', 'make_hash'])
    .where('made_by', '=', username)
    .where('make_key', '=', key)
    .executeTakeFirst()
  if (made)
    throw new Refused<Created>({ kind: 'made', campaignId: made.campaign_id, same: made.make_hash === inputHash })
}

export function dropCampaign(sql: Sql, deeds: DeedLog, { campaignId, revision, at, deed }: Input<'drop'>) {
  const dropped = sql.transaction(async (tx) => {
    await nextRevision(tx, campaignId, revision, { deleted_at: at, updated_at: at })
    await deeds.write(tx, deed)
    return { kind: 'written' as const }
  })
  return orRefused<{ kind: 'written' }, { kind: 'revision-changed' }>(dropped)
}

export function editCampaign(sql: Sql, deeds: DeedLog, input: Input<'edit'>) {
  const { campaignId, revision, terms, at, deed } = input
  const edited = sql.transaction(async (tx) => {
    await refuseBranches(tx, terms)
    const lists = input.merchantCodes || input.controlCodes
    const drawn = lists && { controls_draw: input.draw ? JSON.stringify(input.draw) : null }
    await nextRevision(tx, campaignId, revision, { ...columnsOf(terms), ...drawn, updated_at: at })
    if (terms.branchBudgets) await setBranchBudgets(tx, campaignId, terms.branchBudgets, input)
    await setLists(tx, campaignId, input, input)
    // a draw saves nobody's form
    if (!input.draw) await dropSaved(tx, deed.username, { campaignId })
    await deeds.write(tx, deed)
    return { kind: 'written' as const }
  })
  return orRefused<{ kind: 'written' }, WriteRefusal>(edited)
}

type Imported = { kind: 'written' } & Replaced

export async function importList(sql: Sql, deeds: DeedLog, input: Input<'replaceList'>) {
  const { campaignId, revision, role, codes, at, deed, dryRun } = input
  const imported = sql.transaction(async (tx) => {
    await nextRevision(tx, campaignId, revision, { controls_draw: null, updated_at: at })
    const replaced: Imported = { kind: 'written', ...(await replaceList(tx, campaignId, role, codes, input)) }
    await refuseBothRoles(tx, campaignId)
    if (dryRun) throw new Refused(replaced)
    await deeds.write(tx, deed)
    return replaced
  })
  const result = await orRefused<Imported, WriteRefusal>(imported)
  if (result.kind === 'written' && !dryRun)
    await analyze(sql, ['campaign_merchants', 'campaign_controls'], result.added)
  return result
}

/**
 * Takes the campaign's row for this transaction and writes it, if nobody wrote it, or pulled or let go of its brake, since
 * `revision`: both parts of that only grow, so their sum is the same only while both are. @throws Refused
 */
export async function nextRevision(
  tx: Transaction<Tables>,
  campaignId: string,
  revision: number,
  set: Updateable<Tables['campaigns']>,
): Promise<void> {
  const updated = await tx
    .updateTable('campaigns')
    .set({ ...set, revision: raw<number>`revision + 1` })
    .where('campaign_id', '=', campaignId)
    .where(
      raw<boolean>`revision + coalesce((select k.revision from brakes k where k.subject = ${`campaign/${campaignId}`}), 0) = ${revision}`,
    )
    .executeTakeFirst()
  if (updated.numUpdatedRows !== 1n) throw new Refused<WriteRefusal>({ kind: 'revision-changed' })
}

/** The columns of those terms that are given. */
function columnsOf(terms: Partial<CampaignTerms>): Updateable<Tables['campaigns']> {
  const columns = {
    name: terms.name,
    organiser: terms.organiser,
    start_date: terms.startDate,
    end_date: terms.endDate,
    rule: terms.rule && JSON.stringify(terms.rule),
    budget_fen: terms.budgetFen,
    daily_budget_fen: terms.dailyBudgetFen,
    windows: terms.windows && JSON.stringify(terms.windows),
    max_per_payer_per_day: terms.maxPerPayerPerDay,
    max_per_payer_per_campaign_day: terms.maxPerPayerPerCampaignDay,
    channels: terms.channels && [...terms.channels],
    priority: terms.priority,
    branch_code: terms.branchCode,
  }
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined))
}

/** Within sight: those of other branches stay. */
async function setBranchBudgets(
  tx: Transaction<Tables>,
  campaignId: string,
  budgets: CampaignTerms['branchBudgets'],
  { branchCode }: Sight,
): Promise<void> {
  await tx
    .deleteFrom('branch_budgets')
    .where('campaign_id', '=', campaignId)
    .$if(branchCode !== null, (some) => some.where('branch_code', '=', branchCode!))
    .execute()
  if (budgets.length === 0) return
  const rows = budgets.map((one) => ({
    campaign_id: campaignId,
    branch_code: one.branchCode,
    budget_fen: one.budgetFen,
  }))
  await tx.insertInto('branch_budgets').values(rows).execute()
}

async function refuseBranches(tx: Transaction<Tables>, { branchCode, branchBudgets = [] }: Partial<CampaignTerms>) {
  const codes = [...(branchCode ? [branchCode] : []), ...branchBudgets.map((one) => one.branchCode)]
  if (codes.length === 0) return
  const { rows } = await raw<{ code: string }>`
    select u.code from unnest(${codes}::text[]) as u(code)
    where not exists (select 1 from branches b where b.branch_code = u.code) limit 1`.execute(tx)
  const code = rows[0]?.code
  if (code === undefined) return
  const field = code === branchCode ? 'branchCode' : 'branchBudgets'
  throw new Refused<WriteRefusal>({ kind: 'branch-not-found', field, code })
}

import { sql as raw, type Transaction } from 'kysely'
import type { Amendment, Change } from '../../../domain/campaign-life'
import type { Move, MoveResult } from '../../../flow/ports'
import { stands } from '../applies'
import type { DeedLog } from '../deed/log'
import type { Sql } from '../open-sql'
import { orRefused, Refused } from '../refused'
import type { Tables } from '../tables'
import { keepSubmitted } from './compare'
import { letGo } from './hold'
import { addToList } from './lists'
import { publishVersion } from './version'
import { nextRevision } from './write'

/**
 * One step of a campaign's life, in one transaction. The deed is written before ties are looked for: writers of deeds queue,
 * so of two campaigns approved at once the second sees the first.
 */
export function moveCampaign(sql: Sql, deeds: DeedLog, move: Move): Promise<MoveResult> {
  const { campaignId, revision, state, at, opens, closes, publishes, exclusive } = move
  const moved = sql.transaction(async (tx): Promise<MoveResult> => {
    await nextRevision(tx, campaignId, revision, { state, updated_at: at })
    if (closes) await close(tx, closes, at)
    if (move.releases) await letGo(tx, `campaign/${campaignId}`)
    if (opens) await openChange(tx, opens)
    if (publishes?.kind === 'amend') await amend(tx, move, publishes.amendment)
    await deeds.write(tx, move.deed)
    if (exclusive) await refuseTie(tx, move, exclusive.amendment)
    if (publishes) await publish(tx, move)
    return { kind: 'moved' }
  })
  return orRefused<MoveResult, MoveResult>(moved)
}

/** Beside a pause that waits for review already there is nothing to open. */
export async function openChange(tx: Transaction<Tables>, change: Change): Promise<void> {
  await tx
    .insertInto('campaign_changes')
    .values({
      change_id: change.changeId,
      campaign_id: change.campaignId,
      kind: change.kind,
      content: change.amendment && JSON.stringify(change.amendment),
      in_force: change.inForce,
      note: change.note,
      made_by: change.madeBy,
      made_at: change.madeAt,
      state: 'open',
      reviewed_by: null,
      reviewed_at: null,
      review_note: null,
    })
    .$if(change.kind === 'pause', (insert) => insert.onConflict((conflict) => conflict.doNothing()))
    .execute()
  if (change.kind === 'launch') await keepSubmitted(tx, change.changeId)
}

async function close(tx: Transaction<Tables>, { changeId, as, by, note }: NonNullable<Move['closes']>, at: number) {
  const closed = await tx
    .updateTable('campaign_changes')
    .set({ state: as, reviewed_by: by, reviewed_at: at, review_note: note })
    .where('change_id', '=', changeId)
    .where('state', '=', 'open')
    .executeTakeFirst()
  if (closed.numUpdatedRows !== 1n) throw new Refused<MoveResult>({ kind: 'revision-changed' })
}

/** A merchant that joins a running campaign does so on the day; one that was left out for comparison is compared until then. */
async function amend(
  tx: Transaction<Tables>,
  { campaignId, today }: Move,
  { endDate, budgetFen, dailyBudgetFen, windows, addMerchantCodes = [] }: Amendment,
): Promise<void> {
  await tx
    .updateTable('campaigns')
    .set({
      version: raw<number>`version + 1`,
      ...(endDate !== undefined && { end_date: endDate }),
      ...(budgetFen !== undefined && { budget_fen: budgetFen }),
      ...(dailyBudgetFen !== undefined && { daily_budget_fen: dailyBudgetFen }),
      ...(windows && { windows: JSON.stringify(windows) }),
    })
    .where('campaign_id', '=', campaignId)
    .execute()
  await addToList(tx, campaignId, 'merchant', addMerchantCodes)
  await raw`
    with left_out as (
      delete from campaign_controls
      where campaign_id = ${campaignId} and merchant_code = any(${addMerchantCodes}::text[]) returning merchant_code
    )
    update campaign_merchants cm set entered_on = case when c.start_date <= ${today}::date then ${today}::date end,
      was_control = cm.merchant_code in (select merchant_code from left_out)
    from campaigns c
    where c.campaign_id = cm.campaign_id and cm.campaign_id = ${campaignId}
      and cm.merchant_code = any(${addMerchantCodes}::text[])`.execute(tx)
}

async function publish(tx: Transaction<Tables>, { campaignId, closes, publishes, at }: Move): Promise<void> {
  const { made_by: madeBy } = await tx
    .selectFrom('campaign_changes')
    .select('made_by')
    .where('change_id', '=', closes!.changeId)
    .executeTakeFirstOrThrow()
  await publishVersion(tx, campaignId, { madeBy, approvedBy: closes!.by, at, secret: publishes!.secret })
}

/** Another campaign of the same priority at one of the merchants on one of the dates: which one applies would be chance. */
async function refuseTie(tx: Transaction<Tables>, { campaignId, today }: Move, amendment: Amendment | null) {
  const added = amendment?.addMerchantCodes ?? []
  const { rows } = await raw<{ campaignId: string; name: string; merchantCode: string }>`
    select o.campaign_id as "campaignId", o.name, om.merchant_code as "merchantCode"
    from campaigns c
    join campaigns o on o.campaign_id <> c.campaign_id and o.priority = c.priority
      and ${raw.raw(stands('o'))}
      and o.start_date <= greatest(c.end_date, ${amendment?.endDate ?? null}::date)
      and o.end_date >= greatest(c.start_date, ${today}::date)
    join campaign_merchants om on om.campaign_id = o.campaign_id
    where c.campaign_id = ${campaignId} and (om.merchant_code = any(${added}::text[]) or exists (
      select 1 from campaign_merchants m where m.campaign_id = c.campaign_id and m.merchant_code = om.merchant_code))
    limit 1`.execute(tx)
  if (rows[0]) throw new Refused<MoveResult>({ kind: 'priority-tie', ...rows[0] })
}

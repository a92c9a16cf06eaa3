import { sql as raw, type Transaction } from 'kysely'
import type { ListRefusal, ListRole, Lists, Sight } from '../../../flow/ports'
import { Refused } from '../refused'
import type { Tables } from '../tables'

const TABLE = { merchant: 'campaign_merchants', control: 'campaign_controls' } as const

/** Rows of one insert: 100,000 take several seconds with their foreign keys, and a statement may not. */
const CHUNK = 10_000

/** Codes have no commas. As one text they are sent at once; quoting 100,000 of them for an array took 17–48 ms of the event loop, three times. */
const listOf = (codes: readonly string[]) => raw`string_to_array(${codes.join(',')}, ',')`

export interface Replaced {
  added: number
  removed: number
  unchanged: number
}

/**
 * Makes a campaign's list what `codes` say, within sight: merchants of other branches stay. In bounded time for 100,000.
 * @throws Refused when a code is no merchant in sight
 */
export async function replaceList(
  tx: Transaction<Tables>,
  campaignId: string,
  role: ListRole,
  codes: readonly string[],
  { branchCode }: Sight,
): Promise<Replaced> {
  const table = raw.table(TABLE[role])
  const all = [...new Set(codes)]
  await refuseUnknown(tx, role, all, branchCode)
  const removed = await raw`
    delete from ${table} x where x.campaign_id = ${campaignId}
      and not exists (select 1 from unnest(${listOf(all)}) as u(code) where u.code = x.merchant_code)
      and (${branchCode}::text is null or exists (
        select 1 from merchants m where m.merchant_code = x.merchant_code and m.branch_code = ${branchCode}))`.execute(
    tx,
  )
  const added = await addToList(tx, campaignId, role, all)
  return { added, removed: Number(removed.numAffectedRows ?? 0), unchanged: all.length - added }
}

/** How many weren't there. */
export async function addToList(
  tx: Transaction<Tables>,
  campaignId: string,
  role: ListRole,
  codes: readonly string[],
): Promise<number> {
  let added = 0
  for (let from = 0; from < codes.length; from += CHUNK) {
    const inserted = await raw`
      insert into ${raw.table(TABLE[role])} (campaign_id, merchant_code)
      select ${campaignId}, code from unnest(${listOf(codes.slice(from, from + CHUNK))}) as u(code)
      on conflict do nothing`.execute(tx)
    added += Number(inserted.numAffectedRows ?? 0)
  }
  return added
}

/** Both lists of a draft; those that are undefined stay. @throws Refused */
export async function setLists(
  tx: Transaction<Tables>,
  campaignId: string,
  { merchantCodes, controlCodes }: Lists,
  sight: Sight,
): Promise<void> {
  if (merchantCodes) await replaceList(tx, campaignId, 'merchant', merchantCodes, sight)
  if (controlCodes) await replaceList(tx, campaignId, 'control', controlCodes, sight)
  await refuseBothRoles(tx, campaignId)
}

export async function refuseBothRoles(tx: Transaction<Tables>, campaignId: string): Promise<void> {
  const both = await tx
    .selectFrom('campaign_merchants as m')
    .innerJoin('campaign_controls as c', (join) =>
      join.onRef('c.campaign_id', '=', 'm.campaign_id').onRef('c.merchant_code', '=', 'm.merchant_code'),
    )
    .select('m.merchant_code as code')
    .where('m.campaign_id', '=', campaignId)
    .orderBy('m.merchant_code')
    .execute()
  if (both.length > 0) throw new Refused<ListRefusal>({ kind: 'both-roles', codes: both.map(({ code }) => code) })
}

async function refuseUnknown(
  tx: Transaction<Tables>,
  role: ListRole,
  codes: readonly string[],
  branchCode: string | null,
): Promise<void> {
  const { rows } = await raw<{ code: string; alike: string | null }>`
    select u.code, (
      select x.merchant_code from merchants x
      where lower(ltrim(x.merchant_code, '0')) = lower(ltrim(u.code, '0'))
        and (${branchCode}::text is null or x.branch_code = ${branchCode}) limit 1) as alike
    from unnest(${listOf(codes)}) with ordinality as u(code, nth)
    left join merchants m on m.merchant_code = u.code and (${branchCode}::text is null or m.branch_code = ${branchCode})
    where m.merchant_code is null order by u.nth`.execute(tx)
  if (rows.length > 0)
    throw new Refused<ListRefusal>({
      kind: 'merchant-unknown',
      role,
      codes: rows.map(({ code }) => code),
      alike: new Map(rows.flatMap(({ code, alike }) => (alike === null ? [] : [[code, alike]]))),
    })
}

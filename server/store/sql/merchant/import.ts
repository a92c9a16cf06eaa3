import { type Kysely, sql as raw, type Transaction } from 'kysely'
import type { Deed, ImportCount, MerchantEntry } from '../../../flow/ports'
import { analyze } from '../analyze'
import type { DeedLog } from '../deed/log'
import type { Sql } from '../open-sql'
import { orRefused, Refused } from '../refused'
import type { Tables } from '../tables'
import { queueWrites } from './branches'

/** Rows looked up or written by one statement: a few ms of ours, a few ten of the database's. */
const CHUNK = 1_000

/** An account that changes hands is what an auditor looks for; a thousand of them in one file is a migration, and the file's hash names it. */
const CHANGES_LOGGED = 1_000

/** What the book has of these codes. */
export async function knownMerchants(db: Kysely<Tables>, codes: readonly string[]): Promise<MerchantEntry[]> {
  const known: MerchantEntry[] = []
  for (let from = 0; from < codes.length; from += CHUNK) {
    const { rows } = await raw<MerchantEntry>`
      select merchant_code as "merchantCode", name, branch_code as "branchCode", account
      from merchants where merchant_code = any(${codes.slice(from, from + CHUNK)}::text[])`.execute(db)
    known.push(...rows)
  }
  return known
}

export async function alikeMerchants(db: Kysely<Tables>, codes: readonly string[]) {
  const { rows } = await raw<{ merchantCode: string; alike: string }>`
    select u.code as "merchantCode", m.merchant_code as alike
    from unnest(${codes}::text[]) as u(code)
    cross join lateral (
      select m.merchant_code from merchants m
      where lower(ltrim(m.merchant_code, '0')) = lower(ltrim(u.code, '0')) and m.merchant_code <> u.code limit 1
    ) m
    where not exists (select 1 from merchants x where x.merchant_code = u.code)`.execute(db)
  return rows
}

/** All of them or none. Imports queue for each other, so that what is counted and logged is what was done. */
export async function importMerchants(
  sql: Sql,
  deeds: DeedLog,
  entries: readonly MerchantEntry[],
  deed: Deed,
): Promise<ImportCount | 'overtaken'> {
  const imported = sql.transaction((tx) => importAll(tx, deeds, entries, deed))
  const result = await orRefused<ImportCount, { kind: 'overtaken' }>(imported)
  if ('kind' in result) return result.kind
  await analyze(sql, ['merchants'], result.added + result.changed)
  return result
}

async function importAll(
  tx: Transaction<Tables>,
  deeds: DeedLog,
  entries: readonly MerchantEntry[],
  deed: Deed,
): Promise<ImportCount> {
  await queueWrites(tx)
  const count: ImportCount = { added: 0, changed: 0, unchanged: 0 }
  const logged: { was: MerchantEntry; entry: MerchantEntry }[] = []
  for (let from = 0; from < entries.length; from += CHUNK) {
    const chunk = entries.slice(from, from + CHUNK)
    const codes = chunk.map((entry) => entry.merchantCode)
    const before = new Map((await knownMerchants(tx, codes)).map((one) => [one.merchantCode, one]))
    const writes = chunk.filter((entry) => !sameEntry(before.get(entry.merchantCode), entry))
    for (const entry of writes) {
      const was = before.get(entry.merchantCode)
      count[was ? 'changed' : 'added']++
      if (was && logged.length < CHANGES_LOGGED) logged.push({ was, entry })
    }
    count.unchanged += chunk.length - writes.length
    if (writes.length === 0) continue
    await refuseOvertaken(tx, writes)
    await upsert(tx, writes)
  }
  if (count.added + count.changed > 0)
    await deeds.write(tx, {
      ...deed,
      before: { merchants: logged.map(({ was }) => was) },
      after: { ...(deed.after as object), ...count, merchants: logged.map(({ entry }) => entry) },
    })
  return count
}

/** What the flow has judged already, again, now that nobody else can write. */
async function refuseOvertaken(tx: Transaction<Tables>, entries: readonly MerchantEntry[]): Promise<void> {
  const { rows } = await raw`
    select 1 from branches where gl_account = any(${entries.map((entry) => entry.account)}::text[]) limit 1`.execute(tx)
  const alike = await alikeMerchants(
    tx,
    entries.map((entry) => entry.merchantCode),
  )
  if (rows.length + alike.length > 0) throw new Refused({ kind: 'overtaken' })
}

function sameEntry(a: MerchantEntry | undefined, b: MerchantEntry): boolean {
  return a !== undefined && a.name === b.name && a.branchCode === b.branchCode && a.account === b.account
}

async function upsert(tx: Transaction<Tables>, entries: readonly MerchantEntry[]): Promise<void> {
  const column = (field: keyof MerchantEntry) => entries.map((entry) => entry[field])
  await raw`
    insert into merchants (merchant_code, name, branch_code, account)
    select * from unnest(${column('merchantCode')}::text[], ${column('name')}::text[], ${column('branchCode')}::text[],
      ${column('account')}::text[])
    on conflict (merchant_code) do update
      set name = excluded.name, branch_code = excluded.branch_code, account = excluded.account`.execute(tx)
}

import { type Kysely, sql as raw, type Transaction } from 'kysely'
import type { Deed, ImportCount, MerchantEntry } from '../../../flow/ports'
import type { DeedLog } from '../deed/log'
import type { Tables } from '../tables'

/** Rows written by one statement: a few ten ms each, far from its timeout. */
const CHUNK = 5_000

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

/** All of them or none. Imports queue for each other, so that what is counted and logged is what was done. */
export async function importMerchants(
  tx: Transaction<Tables>,
  deeds: DeedLog,
  entries: readonly MerchantEntry[],
  deed: Deed,
): Promise<ImportCount> {
  await raw`lock table merchants in share row exclusive mode`.execute(tx)
  const before = new Map(
    (
      await knownMerchants(
        tx,
        entries.map((entry) => entry.merchantCode),
      )
    ).map((one) => [one.merchantCode, one]),
  )
  const added = entries.filter((entry) => !before.has(entry.merchantCode))
  const changed = entries.filter((entry) => {
    const was = before.get(entry.merchantCode)
    return was !== undefined && !sameEntry(was, entry)
  })
  const writes = [...added, ...changed]
  for (let from = 0; from < writes.length; from += CHUNK) await upsert(tx, writes.slice(from, from + CHUNK))
  const count = {
    added: added.length,
    changed: changed.length,
    unchanged: entries.length - writes.length,
  }
  if (writes.length > 0) {
    const logged = changed.slice(0, CHANGES_LOGGED)
    await deeds.write(tx, {
      ...deed,
      before: { merchants: logged.map((entry) => before.get(entry.merchantCode)) },
      after: { ...(deed.after as object), ...count, merchants: logged },
    })
  }
  return count
}

export function sameEntry(a: MerchantEntry, b: MerchantEntry): boolean {
  return a.name === b.name && a.branchCode === b.branchCode && a.account === b.account
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

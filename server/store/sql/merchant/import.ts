import { type Kysely, sql as raw, type Transaction } from 'kysely'
import { sameWalletAccounts } from '../../../domain/channel'
import type {
  Deed,
  ImportCount,
  Imported,
  ImportRefusal,
  MerchantBook,
  MerchantEntry,
  ReviewedImport,
} from '../../../flow/ports'
import type { Moving } from '../change/lines'
import { movingLines } from '../change/moving-lines'
import type { DeedLog } from '../deed/log'
import { violated } from '../errors'
import type { Sql } from '../open-sql'
import { orRefused, Refused } from '../refused'
import type { Tables } from '../tables'
import { queueWrites } from './branches'

/** Rows looked up or written by one statement: a few ms of ours, a few ten of the database's. */
const CHUNK = 1_000

/** A thousand names in one file are a migration, and the file's hash names it. */
const CHANGES_LOGGED = 1_000

/** What the book has of these codes. */
export async function knownMerchants(db: Kysely<Tables>, codes: readonly string[]): Promise<MerchantEntry[]> {
  const known: MerchantEntry[] = []
  for (let from = 0; from < codes.length; from += CHUNK) {
    const { rows } = await raw<MerchantEntry>`
      select merchant_code as "merchantCode", name, branch_code as "branchCode", account, wallet_accounts as "walletAccounts"
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

/**
 * All of them or none. What moves money — new merchants, other accounts, other branches — is written into one change request, and
 * names alone at once. Imports queue for each other, so that what is counted and logged is what was done.
 */
export async function importMerchants(
  sql: Sql,
  deeds: DeedLog,
  ...[entries, deed, review]: Parameters<MerchantBook['import']>
): Promise<Imported | ImportRefusal> {
  const imported = sql.transaction((tx) => importAll(tx, deeds, entries, { deed, review }))
  const result = await orRefused<Imported, { kind: 'overtaken' | 'refused' }>(imported).catch((error) => {
    if (violated(error, 'unique') === 'change_requests_waiting') return { kind: 'refused' as const }
    throw error
  })
  if (!('kind' in result)) return result
  return result.kind === 'overtaken' ? 'overtaken' : 'change-open'
}

async function importAll(
  tx: Transaction<Tables>,
  deeds: DeedLog,
  entries: readonly MerchantEntry[],
  { deed, review }: { deed: Deed; review: ReviewedImport },
): Promise<Imported> {
  await queueWrites(tx)
  const count: ImportCount = { added: 0, changed: 0, unchanged: 0 }
  const asking = movingLines(tx, deeds, review)
  const renamed: Moving[] = []
  for (let from = 0; from < entries.length; from += CHUNK) {
    const chunk = entries.slice(from, from + CHUNK)
    const codes = chunk.map((entry) => entry.merchantCode)
    const before = new Map((await knownMerchants(tx, codes)).map((one) => [one.merchantCode, one]))
    const all = chunk.map((entry) => ({ was: before.get(entry.merchantCode), entry }))
    const writes = all.filter(({ was, entry }) => !sameEntry(was, entry))
    for (const { was } of writes) count[was ? 'changed' : 'added']++
    count.unchanged += chunk.length - writes.length
    if (writes.length === 0) continue
    await refuseOvertaken(
      tx,
      writes.map(({ entry }) => entry),
    )
    const names = writes.filter(({ was, entry }) => was && !movesMoney(was, entry))
    await rename(tx, names)
    renamed.push(...names.slice(0, CHANGES_LOGGED - renamed.length))
    await asking.add(writes.filter(({ was, entry }) => movesMoney(was, entry)))
  }
  const asked = await asking.done()
  if (count.added + count.changed > 0)
    await deeds.write(tx, {
      ...deed,
      before: { merchants: renamed.map(({ was }) => was) },
      after: {
        ...(deed.after as object),
        ...count,
        merchants: renamed.map(({ entry }) => entry),
        ...(asked && { changeId: asked.changeId }),
      },
    })
  return { ...count, review: asked }
}

/** A new merchant's account is where its payers' money will go. */
const movesMoney = (was: MerchantEntry | undefined, entry: MerchantEntry) =>
  was?.account !== entry.account ||
  was.branchCode !== entry.branchCode ||
  !sameWalletAccounts(was.walletAccounts, entry.walletAccounts)

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
  return a !== undefined && a.name === b.name && !movesMoney(a, b)
}

async function rename(tx: Transaction<Tables>, names: readonly Moving[]): Promise<void> {
  if (names.length === 0) return
  const column = (field: 'merchantCode' | 'name') => names.map(({ entry }) => entry[field])
  await raw`
    update merchants m set name = u.name
    from unnest(${column('merchantCode')}::text[], ${column('name')}::text[]) as u(code, name)
    where m.merchant_code = u.code`.execute(tx)
}

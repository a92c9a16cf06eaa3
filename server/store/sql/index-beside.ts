import { type Kysely, sql as raw } from 'kysely'
import { codeOf, LOCK_NOT_AVAILABLE } from './errors'
import { setLockWait } from './lock-wait'
import type { Index } from './step'
import type { Tables } from './tables'

/** A table that is in use is read twice, and whoever is at work is waited for, ms. */
const LONG_MS = 60 * 60_000

const statement = ({ name, on, unique }: Index, beside: string) =>
  raw.raw(`create ${unique ? 'unique ' : ''}index ${beside} if not exists ${name} on ${on}`)

/** For a ledger that nobody uses yet. */
export async function makeIndexPlainly(db: Kysely<Tables>, index: Index): Promise<void> {
  await raw`${statement(index, '')}`.execute(db)
}

/** Whoever makes the same one is looked at again so often, ms. */
const REST_MS = 500

/**
 * Makes it beside whoever writes, in no transaction (`create index concurrently`). One that was cut off is left behind as it was, in
 * the way of writers and of no use: it is taken away and made again. Of several processes one does, and the others come back until it has:
 * PostgreSQL waits for whoever is in the middle of a statement, so nobody may wait for the maker within one.
 */
export async function makeIndex(db: Kysely<Tables>, index: Index): Promise<void> {
  while (!(await isMade(db, index))) await new Promise((resolve) => setTimeout(resolve, REST_MS))
}

/** False: somebody else is making it. */
function isMade(db: Kysely<Tables>, index: Index): Promise<boolean> {
  return db.transaction().execute(async (lock) => {
    // Without values: a statement with some leaves its portal behind, and that a snapshot, for which PostgreSQL would wait.
    const long = raw.lit(String(LONG_MS))
    await raw`select set_config('idle_in_transaction_session_timeout', '0', true)`.execute(lock)
    const { rows } = await raw<{ mine: boolean }>`
      select pg_try_advisory_xact_lock(hashtext(${raw.lit(`fapai index ${index.name}`)})) as mine`.execute(lock)
    if (!rows[0]!.mine) return false
    await db.connection().execute(async (own) => {
      await raw`select set_config('statement_timeout', ${long}, false)`.execute(own)
      await ((await isDivided(own, index)) ? makeOfParts(own, index) : makeOne(own, index))
    })
    return true
  })
}

async function makeOne(db: Kysely<Tables>, index: Index): Promise<void> {
  const { rows } = await raw<{ valid: boolean }>`
    select indisvalid as valid from pg_index where indexrelid = to_regclass(${index.name})`.execute(db)
  if (rows[0]?.valid) return
  if (rows[0]) await raw`drop index concurrently ${raw.raw(index.name)}`.execute(db)
  await raw`${statement(index, 'concurrently')}`.execute(db)
}

const tableOf = ({ on }: Index) => on.split(' ', 1)[0]!

async function isDivided(db: Kysely<Tables>, index: Index): Promise<boolean> {
  const { rows } = await raw`
    select from pg_class where oid = to_regclass(${tableOf(index)}) and relkind = 'p'`.execute(db)
  return rows.length > 0
}

/**
 * Of a table that is divided, its partitions' are made so, one after the other. Then its own is made of them at a stroke: writers would wait
 * for whoever waits for them, so it lets go and comes again.
 */
async function makeOfParts(db: Kysely<Tables>, index: Index): Promise<void> {
  const table = tableOf(index)
  const { rows } = await raw<{ name: string }>`
    select inhrelid::regclass::text as name from pg_inherits where inhparent = to_regclass(${table})`.execute(db)
  for (const { name } of rows)
    await makeOne(db, { ...index, name: `${name}_${index.name}`, on: index.on.replace(table, name) })
  for (let tries = 0; !(await isMadeOfParts(db, index, tries)); tries++)
    await new Promise((resolve) => setTimeout(resolve, REST_MS))
}

/** False: somebody is at work in the table. */
async function isMadeOfParts(db: Kysely<Tables>, index: Index, tries: number): Promise<boolean> {
  try {
    await db.transaction().execute(async (tx) => {
      await setLockWait(tries).execute(tx)
      await makeIndexPlainly(tx, index)
    })
    return true
  } catch (error) {
    if (codeOf(error) === LOCK_NOT_AVAILABLE) return false
    throw error
  }
}

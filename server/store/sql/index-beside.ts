import { type Kysely, sql as raw } from 'kysely'
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

/**
 * Makes it beside whoever writes, in no transaction (`create index concurrently`). One that was cut off is left behind as it was, in
 * the way of writers and of no use: it is taken away and made again. Several processes may do so at once: one does, the others wait
 * for it, since the lock that says so is held by a transaction that has seen nothing and keeps nobody waiting.
 */
export async function makeIndex(db: Kysely<Tables>, index: Index): Promise<void> {
  await db.transaction().execute(async (lock) => {
    await raw`select set_config('statement_timeout', ${String(LONG_MS)}, true),
      set_config('idle_in_transaction_session_timeout', '0', true)`.execute(lock)
    await raw`select pg_advisory_xact_lock(hashtext(${`fapai index ${index.name}`}))`.execute(lock)
    await db.connection().execute(async (own) => {
      const { rows } = await raw<{ valid: boolean }>`
        select indisvalid as valid from pg_index where indexrelid = to_regclass(${index.name})`.execute(own)
      if (rows[0]?.valid) return
      await raw`select set_config('statement_timeout', ${String(LONG_MS)}, false)`.execute(own)
      if (rows[0]) await raw`drop index concurrently ${raw.raw(index.name)}`.execute(own)
      await raw`${statement(index, 'concurrently')}`.execute(own)
    })
  })
}

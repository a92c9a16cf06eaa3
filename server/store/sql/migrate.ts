import { type Kysely, sql as raw } from 'kysely'
import { allowChannels } from './channel-check'
import { migrations } from './migrations'
import type { Tables } from './tables'

/** An index on a big table takes its time, and so does waiting for another process that migrates. */
export const MIGRATION_TIMEOUT_MS = 10 * 60_000
/** Kysely's own, which versions before this one migrated with. */
const LOCK = '3853314791062309107'

/**
 * Applies the migrations that aren't, in the order of their names, all or none, in one transaction: so it works through a
 * pooler too, which Kysely's migrator with its lock of a session does not. Several processes may do so at once. Migrations
 * we don't know are of a newer version beside us, and stay.
 */
export async function migrate(db: Kysely<Tables>): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await raw`select set_config('statement_timeout', ${String(MIGRATION_TIMEOUT_MS)}, true)`.execute(tx)
    await raw`select pg_advisory_xact_lock(${LOCK}::bigint)`.execute(tx)
    const { rows } = await raw<{ there: boolean }>`
      select to_regclass('kysely_migration') is not null as there`.execute(tx)
    if (!rows[0]!.there)
      await raw`
        create table kysely_migration (name varchar(255) primary key, timestamp varchar(255) not null)`.execute(tx)
    const applied = new Set((await tx.selectFrom('kysely_migration').select('name').execute()).map((row) => row.name))
    for (const name of Object.keys(migrations).sort()) {
      if (applied.has(name)) continue
      await migrations[name]!.up(tx)
      await raw`
        insert into kysely_migration (name, timestamp)
        values (${name}, to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))`.execute(tx)
    }
    await allowChannels(tx)
  })
}

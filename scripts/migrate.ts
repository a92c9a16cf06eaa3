import { readConfig } from '../server/config'
import { openLog } from '../server/log'
import { patiently } from '../server/main/patience'
import { openSql, type Sql } from '../server/store/sql/open-sql'
import { databaseOf } from '../server/stores'
import { command, environment, optionsFrom, Refused } from './command'

/**
 * `fapai migrate`: brings the ledger's schema up to date, all or nothing, as a step of its own before the BFFs of a new version start; they do
 * the same, so it may be left out. Runs beside BFFs and itself. Waits a minute for a database that isn't there yet. Exit code 0: it is; 2:
 * it could not run. Where the ledger is the environment says as for the BFF.
 */
async function main(): Promise<number> {
  optionsFrom({})
  const config = readConfig(environment())
  const connection = await patiently(config, openLog('warn', 'at-once'), () => databaseOf(config))
  if (!connection)
    throw new Refused('an embedded ledger is brought up to date when it starts; this is for a DATABASE_URL')
  const sql = openSql({ ...connection, max: 1 })
  try {
    const before = await applied(sql)
    await sql.migrate()
    console.log(`The schema is this version’s: ${(await applied(sql)) - before} migrations were applied.`)
    return 0
  } finally {
    await sql.close()
  }
}

async function applied({ pool }: Sql): Promise<number> {
  const { rows: there } = await pool.query(`select to_regclass('kysely_migration') is not null as there`)
  if (!there[0].there) return 0
  return (await pool.query('select count(*)::int as n from kysely_migration')).rows[0].n
}

command(main)

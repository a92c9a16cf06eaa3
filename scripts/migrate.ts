import { openLog } from '../server/log'
import { patiently } from '../server/main/patience'
import { grantTo, RoleFault } from '../server/store/sql/grants'
import { openSql, type Sql } from '../server/store/sql/open-sql'
import { databaseOf } from '../server/stores'
import { command, configIn, environment, optionsFrom, Refused } from './command'

/**
 * `fapai migrate`: brings the ledger's schema up to date as a step of its own before the BFFs of a new version start; they do the same where
 * their role may, so it may be left out. Each step is all or nothing, and a cut-off one goes on where it was. Runs beside BFFs and itself.
 * Waits a minute for a database that isn't there yet. `--contract`: no process of a version before runs any more, so the upgrade is ended, and
 * there is no way back to one. `--grant ROLE`: that role gets what BFFs and tools need, and no more. Exit code 0: it
 * is; 2: it could not run. Where the ledger is the environment says as for the BFF, but that DATABASE_URL leads straight to PostgreSQL.
 */
async function main(): Promise<number> {
  const { grant, contract = false } = optionsFrom({ grant: { type: 'string' }, contract: { type: 'boolean' } })
  const config = await configIn(environment())
  const connection = await patiently(config, openLog('warn', 'at-once'), () => databaseOf(config, true))
  if (!connection)
    throw new Refused('an embedded ledger is brought up to date when it starts; this is for a DATABASE_URL')
  const sql = openSql({ ...connection, max: 2 })
  try {
    const before = await applied(sql)
    const onStep = (name: string, ms: number) => console.error(`${name}  ${(ms / 1_000).toFixed(1)} s`)
    const waiting = await sql.migrate({ onStep, contract })
    console.log(`The schema is this version’s: ${(await applied(sql)) - before} migrations were applied.`)
    if (waiting.length > 0)
      console.log(
        `${waiting.join(', ')}: once no older version runs any more, and none is to come back: fapai migrate --contract`,
      )
    if (grant !== undefined) await granted(sql, grant)
    return 0
  } finally {
    await sql.close()
  }
}

async function granted(sql: Sql, role: string): Promise<void> {
  await grantTo(sql.db, role).catch((error) => {
    throw error instanceof RoleFault ? new Refused(error.message) : error
  })
  console.log(`${role} may read and write it, and change nothing of it.`)
}

async function applied({ pool }: Sql): Promise<number> {
  const { rows: there } = await pool.query(`select to_regclass('kysely_migration') is not null as there`)
  if (!there[0].there) return 0
  return (await pool.query('select count(*)::int as n from kysely_migration')).rows[0].n
}

command(main)

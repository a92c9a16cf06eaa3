import type { Sql, Statement } from './open-sql'
import { STARTED } from './switch-over'

/** The database's clock in a statement, ms since the epoch. */
export const NOW = '(extract(epoch from clock_timestamp()) * 1000)::bigint'

const TIME: Statement = { name: 'time', text: `select ${NOW} as now, ${STARTED} as started` }

/** What the database's clock says, ms since the epoch; looked at every few seconds, it is also where another server is seen. */
export async function sqlTime(sql: Sql): Promise<number> {
  const [row] = await sql.run<{ now: number; started: string }>(TIME, [])
  sql.over.seen(row!.started)
  return row!.now
}

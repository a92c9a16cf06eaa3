import type { Sql, Statement } from './open-sql'

/** The database's clock in a statement, ms since the epoch. */
export const NOW = '(extract(epoch from clock_timestamp()) * 1000)::bigint'

const TIME: Statement = { name: 'time', text: `select ${NOW} as now` }

/** What the database's clock says, ms since the epoch. */
export async function sqlTime(sql: Sql): Promise<number> {
  const [row] = await sql.run<{ now: number }>(TIME, [])
  return row!.now
}

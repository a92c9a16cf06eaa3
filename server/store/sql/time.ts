import type { Sql, Statement } from './open-sql'

const TIME: Statement = { name: 'time', text: 'select (extract(epoch from clock_timestamp()) * 1000)::bigint as now' }

/** What the database's clock says, ms since the epoch. */
export async function sqlTime(sql: Sql): Promise<number> {
  const [row] = await sql.run<{ now: number }>(TIME, [])
  return row!.now
}

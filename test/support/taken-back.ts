import { Kysely, PostgresDialect } from 'kysely'
import type { PoolClient } from 'pg'
import type { Sql } from '../../server/store/sql/open-sql'
import type { Tables } from '../../server/store/sql/tables'

const CONTROL = /^\s*(begin|start transaction|commit|rollback)\b/i
const NOTHING = { rows: [], rowCount: 0, command: '' }

/**
 * Lends `work` the database in one transaction that is taken back afterwards, whatever it did: its own transactions are parts of
 * that one, and an error in any of them is the end of it. To put every table back takes longer than what most tests do in between.
 */
export async function takenBack<T>(sql: Sql, work: (inside: Sql) => Promise<T>): Promise<T> {
  const client = await sql.pool.connect()
  try {
    await client.query('begin')
    return await work(insideOf(sql, client))
  } finally {
    await client.query('rollback')
    client.release()
  }
}

function insideOf(sql: Sql, client: PoolClient): Sql {
  const query = async (asked: string | { text: string }, values?: unknown[]) =>
    CONTROL.test(typeof asked === 'string' ? asked : asked.text) ? NOTHING : client.query(asked as string, values)
  const lent = { query, release: () => {} }
  const pool = { connect: async () => lent, end: async () => {} }
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: pool as never }) })
  return {
    ...sql,
    db,
    pool: pool as never,
    prepares: false,
    run: async <Row>({ text }: { text: string }, values: readonly unknown[]) =>
      (await client.query(text, [...values])).rows as Row[],
    transaction: (work) => db.transaction().execute(work),
    snapshot: (work) => db.transaction().execute(work),
  }
}

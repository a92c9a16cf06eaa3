import { Kysely, PostgresDialect } from 'kysely'
import type { PoolClient } from 'pg'
import type { Sql } from '../../server/store/sql/open-sql'
import type { Tables } from '../../server/store/sql/tables'

/** A transaction of what is lent is a part of ours: all of it is there afterwards, or nothing. */
const PARTS = [
  [/^\s*(begin|start transaction)\b/i, 'savepoint part'],
  [/^\s*commit\b/i, 'release savepoint part'],
  [/^\s*rollback\b/i, 'rollback to savepoint part; release savepoint part'],
] as const

/**
 * Lends `work` the database in one transaction that is taken back afterwards, whatever it did: its own transactions are parts of
 * that one. To put every table back takes longer than what most tests do in between.
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
  const query = async (asked: string | { text: string }, values?: unknown[]) => {
    const text = typeof asked === 'string' ? asked : asked.text
    const part = PARTS.find(([control]) => control.test(text))
    return part ? client.query(part[1]) : client.query(asked as string, values)
  }
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

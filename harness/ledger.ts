import { join } from 'node:path'
import { startEmbeddedSql } from '../server/store/sql/embedded'
import { openSql, type Sql, type SqlOptions } from '../server/store/sql/open-sql'
import { databaseUrl, layLedger, postgresMissing, startTestPostgres } from './sql'

/** The ledger of a sandbox's directory, migrated and empty. */
export interface TestLedger {
  /** tells BFFs and commands of it */
  env: { DATABASE_URL?: string }
  /** how to reach its own PostgreSQL; undefined of an embedded ledger */
  database: SqlOptions | undefined
  /** Works in it; an embedded one is one process's at a time, and nobody else may have it meanwhile. */
  work<T>(work: (sql: Sql) => Promise<T>): Promise<T>
  stop(): Promise<void>
}

/** A PostgreSQL of its own; the embedded one, whose every process starts with two seconds of processor, where there is none or it is asked for. */
export async function startTestLedger(
  dataDir: string,
  { embedded = postgresMissing() !== undefined } = {},
): Promise<TestLedger> {
  if (embedded) {
    await layLedger(dataDir)
    return { env: {}, database: undefined, work: (work) => workInEmbedded(dataDir, work), stop: async () => {} }
  }
  const postgres = await startTestPostgres()
  await postgres.fresh()
  const database = postgres.connection()
  return {
    env: { DATABASE_URL: databaseUrl(database) },
    database,
    work: (work) => workIn(database, work),
    stop: postgres.stop,
  }
}

/** Of a directory whose BFF is down. */
export async function workInEmbedded<T>(dataDir: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  const database = await startEmbeddedSql({ dataDir: join(dataDir, 'ledger') })
  return workIn(database.connection, work).finally(() => database.stop())
}

export async function workIn<T>(connection: SqlOptions, work: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = openSql(connection)
  return work(sql).finally(() => sql.close())
}

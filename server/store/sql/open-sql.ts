import { Kysely, Migrator, PostgresDialect, type PostgresPool } from 'kysely'
import { Pool, type PoolClient, type PoolConfig, types } from 'pg'
import { allowChannels } from './channel-check'
import { isBroken, isDeadlock, translated } from './errors'
import { migrations } from './migrations'
import type { Tables } from './tables'

export interface SqlOptions extends PoolConfig {
  /**
   * Statements are prepared once for each connection (default): an order opens and ends in half the time. False behind a
   * pooler that doesn't keep prepared statements apart.
   */
  prepare?: boolean
  /** An idle connection broke; the next statement opens another. */
  onIdleError?: (error: Error) => void
}

/** An SQL statement with a name under which connections may keep it prepared. */
export interface Statement {
  name: string
  text: string
  /**
   * Planned anew each time: for what reads much of a table that grows from nothing while it is in use. A plan that was kept
   * from the empty table reads all of it for every row, which made a day's dealing quadratic.
   */
  replan?: true
}

/** An open database. Every error of it is translated: {@link LedgerUnavailable} when it couldn't be reached. */
export interface Sql {
  /** for what isn't hot, and for migrations */
  db: Kysely<Tables>
  pool: Pool
  /** Runs one statement in one round trip; it is its own transaction, and run again after a deadlock. */
  run<Row = Record<string, unknown>>(statement: Statement, values: readonly unknown[]): Promise<Row[]>
  /** Brings the schema up to date; several processes may do so at once. */
  migrate(): Promise<void>
  close(): Promise<void>
}

/** A payment waits for nothing longer than this: the payer has a phone in hand. */
const STATEMENT_TIMEOUT_MS = 5_000
/** Longer than the server's own limit, for a server that has stopped answering. */
const QUERY_TIMEOUT_MS = 7_000
const CONNECT_TIMEOUT_MS = 3_000
/** An index on a big table takes its time, and so does waiting for another process that migrates. */
const MIGRATION_TIMEOUT_MS = 10 * 60_000

/** Opens a pool on PostgreSQL 15+ or the embedded one; connects lazily. */
export function openSql({ prepare = true, onIdleError, ...config }: SqlOptions): Sql {
  const pool = new Pool({
    max: 10,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    application_name: 'fapai',
    ...config,
    types: { getTypeParser },
  })
  pool.on('error', (error) => onIdleError?.(error)) // without a listener, one broken idle connection ends the process
  pool.on('connect', survive)
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: translating(pool) }) })
  return {
    db,
    pool,
    async run<Row>({ name, text, replan }: Statement, values: readonly unknown[]) {
      const once = async (client: PoolClient) => {
        const kept = prepare && !replan
        const query = { text, values: values as unknown[], ...(kept && { name: `${name}-${numberOf(client)}` }) }
        return (await client.query(query)).rows as Row[]
      }
      return unlocked(() => withClient(pool, once))
    },
    migrate: () => migrate(config),
    close: () => db.destroy(),
  }
}

/**
 * A connection may break while it is lent out, between two statements: the server's farewell then belongs to no statement, and
 * an event that nobody hears ends the process. The next statement on it fails, and the pool drops it.
 */
function survive(client: PoolClient): void {
  client.on('error', () => {})
}

/**
 * Runs a statement again when it was the victim of a deadlock, which left nothing of it. One is known: a payer opens an
 * order on the very slot whose order is being closed, each holding what the other waits for (the day, the slot).
 */
async function unlocked<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = 2; ; left--)
    try {
      return await attempt()
    } catch (error) {
      if (left === 0 || !isDeadlock(error)) throw error
    }
}

const numbers = new WeakMap<PoolClient, number>()
let connections = 0

/** A connection's number in this process: the embedded database keeps one list of prepared statements for all of them. */
function numberOf(client: PoolClient): number {
  const number = numbers.get(client) ?? ++connections
  numbers.set(client, number)
  return number
}

/** `pool.query` would throw the connection away after any error, a refused duplicate included: a reconnect each. */
async function withClient<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  let client: PoolClient | undefined
  let broken = false
  try {
    client = await pool.connect()
    return await work(client)
  } catch (error) {
    broken = isBroken(error)
    throw translated(error)
  } finally {
    client?.release(broken)
  }
}

/** The pool as Kysely takes it, with errors translated and broken connections given up. */
function translating(pool: Pool): PostgresPool {
  const rethrow = (error: unknown): never => {
    throw translated(error)
  }
  return {
    async connect() {
      const client = await pool.connect().catch(rethrow)
      let broken = false
      const query = (text: string, values: unknown[]) =>
        client.query(text, values).catch((error) => {
          broken ||= isBroken(error)
          return rethrow(error)
        })
      return { query: query as never, release: () => client.release(broken) }
    },
    end: () => pool.end(),
  }
}

/** A connection of its own: migrating may take longer than any other statement is allowed to. */
async function migrate(config: PoolConfig): Promise<void> {
  const pool = new Pool({
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    ...config,
    max: 1,
    statement_timeout: MIGRATION_TIMEOUT_MS,
    query_timeout: MIGRATION_TIMEOUT_MS,
  })
  pool.on('error', () => {})
  pool.on('connect', survive)
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: translating(pool) }) })
  try {
    const { error } = await new Migrator({ db, provider: { getMigrations: async () => migrations } }).migrateToLatest()
    if (error) throw error
    await allowChannels(db)
  } finally {
    await db.destroy()
  }
}

const INT8 = 20
const DATE = 1082

/**
 * The one place where SQL values become ours. Amounts and times are `bigint` columns and JavaScript integers: beyond 2⁵³
 * is a bug, not a number. A date stays the text it is; pg would make it midnight of the server's own time zone.
 */
function getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === INT8) return safeInteger
  if (oid === DATE) return String
  return types.getTypeParser(oid, format as 'text') as (value: string) => unknown
}

function safeInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`not a safe integer: ${text}`)
  return value
}

import { Kysely, PostgresDialect, type PostgresPool, type Transaction } from 'kysely'
import { Pool, type PoolClient, type PoolConfig, types } from 'pg'
import { isBroken, translated } from './errors'
import { MIGRATION_TIMEOUT_MS, type MigrateOptions, migrate } from './migrate'
import { repeated } from './repeat'
import { inspectSession, prepareSession, STATEMENT_TIMEOUT_MS } from './session'
import { namesOf } from './statement-names'
import { type Lender, lenderOf, type SwitchOver, switchOver } from './switch-over'
import type { Tables } from './tables'

export interface SqlOptions extends Omit<PoolConfig, 'statement_timeout' | 'onConnect'> {
  /**
   * A pooler stands in between and lends its sessions for a transaction at a time: nothing is set in a session, and nothing
   * prepared in it. Otherwise statements are prepared once for each connection: an order opens and ends in half the time.
   */
  pooler?: 'transaction' | undefined
  /** How long the server lets a statement run, ms; that of a payment unless given. A pooler's is its role's. */
  statementTimeoutMs?: number
  /** An idle connection broke; the next statement opens another. */
  onIdleError?: (error: Error) => void
  /** Told of each statement and transaction: how long it took with the wait for a connection, and in which error it ended. */
  onDone?: ((kind: 'statement' | 'transaction', name: string, ms: number, error?: unknown) => void) | undefined
  /**
   * Told of a name that stands for two texts, of which the later one is then kept in no session; in production, where a payment is worth more
   * than the name. Without it the statement is refused, whatever connection it came to.
   */
  onSharedName?: ((name: string) => void) | undefined
  /** what all pools of the process on this ledger share; its own unless given */
  over?: SwitchOver
  /** It writes nothing, so a standby does as well. */
  reads?: boolean
}

/** An SQL statement with a name under which connections may keep it prepared. */
export interface Statement {
  /** of this text and no other; one that is made of parts, of no other's parts either */
  name: string
  text: string
  /**
   * Planned anew each time: for what reads much of a table that grows from nothing while it is in use. A plan that was kept
   * from the empty table reads all of it for every row, which made a day's dealing quadratic.
   */
  replan?: true
  /** What it does was decided by what the server said before: one that takes no writes any more makes it fail, and it isn't tried at the next. */
  decided?: true
}

/** An open database. Every error of it is translated: {@link LedgerUnavailable} when it couldn't be reached. */
export interface Sql {
  /** for what isn't hot, and for migrations */
  db: Kysely<Tables>
  pool: Pool
  /** which server its connections lead to */
  over: SwitchOver
  /** whether a statement may keep a name in a session */
  prepares: boolean
  /** Whether a statement's name stands for this text alone. @throws SharedName unless {@link SqlOptions.onSharedName} is told */
  isItsOwn(name: string, text: string): boolean
  /** Runs one statement in one round trip; it is its own transaction, and {@link repeated} as such. */
  run<Row = Record<string, unknown>>(statement: Statement, values: readonly unknown[]): Promise<Row[]>
  /** Several statements in one transaction, {@link repeated} from the first: `work` may do nothing but SQL. */
  transaction<T>(work: (tx: Transaction<Tables>) => Promise<T>): Promise<T>
  /** The same, read-only, and all of it as of one moment. */
  snapshot<T>(work: (tx: Transaction<Tables>) => Promise<T>): Promise<T>
  /** Brings the schema up to date; several processes may do so at once. Resolves with what waits for the end of an upgrade. */
  migrate(options?: MigrateOptions): Promise<string[]>
  close(): Promise<void>
}

/** So much longer than the server's own limit we wait for an answer, for a server that has stopped answering. */
const GRACE_MS = 2_000
const CONNECT_TIMEOUT_MS = 3_000

/** Opens a pool on PostgreSQL 15+ or the embedded one; connects lazily. */
export function openSql({
  pooler,
  statementTimeoutMs = STATEMENT_TIMEOUT_MS,
  onIdleError,
  onDone,
  onSharedName,
  over = switchOver(),
  reads,
  ...config
}: SqlOptions): Sql {
  const base: PoolConfig = {
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: statementTimeoutMs + GRACE_MS,
    application_name: 'fapai',
    ...config,
    // never as startup parameters, which poolers refuse
    onConnect: async (client) =>
      over.made(client, await (pooler ? inspectSession(client) : prepareSession(client, statementTimeoutMs)), reads),
  }
  const pool = new Pool({ max: 10, ...base, types: { getTypeParser } })
  // Without a listener, one broken idle connection ends the process.
  pool.on('error', (error, client) => {
    over.met(client, error)
    onIdleError?.(error)
  })
  pool.on('connect', survive)
  const alone = base.max === 1 || !!pooler
  const migrate = (more?: MigrateOptions) => migrateApart(base, over, { alone, ...more })
  return sqlOn(
    pool,
    lenderOf(pool, over),
    { over, prepares: !pooler, migrate, isItsOwn: namesOf(onSharedName) },
    onDone,
  )
}

/**
 * The same database for what may wait, where payments have only the one connection there is: one of it at a time stands in the
 * queue, so a payment waits for one such statement or transaction at most, however many were asked for.
 */
export function inTurn(sql: Sql, onDone?: SqlOptions['onDone']): Sql {
  return sqlOn(sql.pool, turnstile(sql.pool), sql, onDone)
}

function turnstile(pool: Pool): Lender {
  let last: Promise<void> = Promise.resolve()
  return {
    async connect() {
      const before = last
      let leave = () => {}
      last = new Promise((resolve) => {
        leave = resolve
      })
      await before
      try {
        const client = await pool.connect()
        const release = client.release
        client.release = (error) => {
          leave()
          release.call(client, error)
        }
        return client
      } catch (error) {
        leave()
        throw error
      }
    },
    failed: (_, error) => isBroken(error),
    // the pool is its owner's to end
    end: async () => {},
  }
}

function sqlOn(
  pool: Pool,
  lender: Lender,
  { over, prepares, migrate, isItsOwn }: Pick<Sql, 'over' | 'prepares' | 'migrate' | 'isItsOwn'>,
  onDone: SqlOptions['onDone'],
): Sql {
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: translating(lender) }) })
  return {
    db,
    pool,
    over,
    prepares,
    isItsOwn,
    async run<Row>({ name, text, replan, decided }: Statement, values: readonly unknown[]) {
      const kept = isItsOwn(name, text) && prepares && !replan
      const once = async (client: PoolClient) => {
        const query = { text, values: values as unknown[], ...(kept && { name: `${name}-${numberOf(client)}` }) }
        return (await client.query(query)).rows as Row[]
      }
      return timed(onDone, 'statement', name, () => repeated(() => withClient(lender, once), !decided))
    },
    transaction: (work) =>
      timed(onDone, 'transaction', 'transaction', () => repeated(() => db.transaction().execute(work))),
    snapshot: (work) =>
      timed(onDone, 'transaction', 'snapshot', () =>
        repeated(() => db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(work)),
      ),
    migrate,
    async close() {
      await db.destroy()
      // Kysely ends only what it has used, and `run` goes past it.
      if (!pool.ending) await lender.end()
    },
  }
}

async function timed<T>(
  onDone: SqlOptions['onDone'],
  kind: 'statement' | 'transaction',
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  if (!onDone) return work()
  const began = performance.now()
  try {
    const result = await work()
    onDone(kind, name, performance.now() - began)
    return result
  } catch (error) {
    onDone(kind, name, performance.now() - began, error)
    throw error
  }
}

/**
 * A connection may break while it is lent out, between two statements: the server's farewell then belongs to no statement, and
 * an event that nobody hears ends the process. The next statement on it fails, and the pool drops it.
 */
function survive(client: PoolClient): void {
  client.on('error', () => {})
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
async function withClient<T>(lender: Lender, work: (client: PoolClient) => Promise<T>): Promise<T> {
  let client: PoolClient | undefined
  let broken = false
  try {
    client = await lender.connect()
    return await work(client)
  } catch (error) {
    broken = client !== undefined && lender.failed(client, error)
    throw translated(error)
  } finally {
    client?.release(broken)
  }
}

/** The pool as Kysely takes it, with errors translated and broken connections given up. */
function translating(lender: Lender): PostgresPool {
  const rethrow = (error: unknown): never => {
    throw translated(error)
  }
  return {
    async connect() {
      const client = await lender.connect().catch(rethrow)
      let broken = false
      const query = (text: string, values: unknown[]) =>
        client.query(text, values).catch((error) => {
          broken = lender.failed(client, error) || broken
          return rethrow(error)
        })
      return { query: query as never, release: () => client.release(broken) }
    },
    end: () => lender.end(),
  }
}

/** Connections of its own: migrating may take longer than any other statement is allowed to. */
async function migrateApart(config: PoolConfig, over: SwitchOver, options: MigrateOptions): Promise<string[]> {
  // One to hold the lock with while another makes an index beside whoever writes.
  const pool = new Pool({ ...config, max: options.alone ? 1 : 2, query_timeout: MIGRATION_TIMEOUT_MS })
  pool.on('error', () => {})
  pool.on('connect', survive)
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: translating(lenderOf(pool, over)) }) })
  return migrate(db, options).finally(() => db.destroy())
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

import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../config'
import { masterKeysOf } from '../domain/key-ring'
import { apart } from '../sight/context'
import { kindOf, seldom } from '../sight/seldom'
import { socketDir } from '../store/dir-lock'
import { connectRedis, redisReady } from '../store/redis/connect'
import { startEmbeddedRedis } from '../store/redis/embedded'
import { startEmbeddedSql } from '../store/sql/embedded'
import { holdLedgerKeys } from '../store/sql/ledger-keys'
import { inTurn, openSql, type Sql, type SqlOptions } from '../store/sql/open-sql'
import { refuseHiddenPooler } from '../store/sql/pooler'
import { switchOver } from '../store/sql/switch-over'

/** How the stores are reached: those the configuration names, or embedded ones in the data directory. */

/** Whose connections: payments', the operators' desk's, and those of what can't wait for either. */
export type PoolName = 'payments' | 'desk' | 'urgent'

/** Told of each statement and transaction of a pool, with the error that it ended in. */
export type OnSql = (pool: PoolName, ...done: Parameters<NonNullable<SqlOptions['onDone']>>) => void

/** Started without Redis, the BFF takes payments all the same (I9); it waits no longer than this for the discounts. */
const REDIS_WAIT_MS = 3_000

/** A store that is away says so at each try, once a second for each connection; whoever opened that is long served. */
function say(log: Logger, what: string, error: Error): void {
  apart(() => seldom(log).say('warn', `${what} ${kindOf(error)}`, { err: error }, what))
}

/** A bug that production outlives: elsewhere it is to be seen. */
const sharedName = ({ production }: Config, log: Logger) =>
  production ? (name: string) => log.error({ name }, 'two statements of the ledger have one name') : undefined

/** A minute of outages may have many; each is one line, and one that goes on is one a minute. */
const sayOver = (log: Logger) => (why: 'refused' | 'another') =>
  apart(() => {
    const text =
      why === 'another'
        ? 'the ledger is at another PostgreSQL, or one that was started anew: decks are held against it'
        : 'the ledger ended a connection or takes no writes on it: all are made anew'
    seldom(log).say('warn', `ledger ${why}`, {}, text)
  })

/** What takes longer than a payment may, or makes an index beside who writes, needs sessions of its own. */
const DIRECTLY =
  'this takes one straight to PostgreSQL, whatever DATABASE_POOLER says (docs/OPERATIONS.md#the-database)'

/**
 * How to reach the configured database; undefined: it is to be the embedded one. `directly`: DATABASE_POOLER is what the BFFs go through, whose
 * environment this may be, and no word on where DATABASE_URL leads. @throws DatabaseUnfit
 */
export async function databaseOf(
  { databaseUrl: connectionString, databasePool: max, databasePooler }: Config,
  directly = false,
): Promise<SqlOptions | undefined> {
  const pooler = directly ? undefined : databasePooler
  if (!connectionString) return undefined
  if (!pooler) await refuseHiddenPooler({ connectionString }, directly ? DIRECTLY : undefined)
  return { connectionString, max, pooler }
}

export async function openLedger(
  config: Config,
  log: Logger,
  storage: string[],
  stops: (() => unknown)[],
  { directly, ...options }: Pick<SqlOptions, 'statementTimeoutMs' | 'onDone'> & { directly?: boolean } = {},
) {
  const onIdleError = (error: Error) => say(log, 'ledger connection lost', error)
  let connection = await databaseOf(config, directly)
  if (connection) {
    const through = connection.pooler ? ', through a pooler in transaction mode' : ''
    storage.push(`Ledger: PostgreSQL at DATABASE_URL${through}.`)
  } else {
    const embedded = await startEmbeddedSql({ dataDir: join(config.dataDir, 'ledger') })
    stops.push(embedded.stop)
    connection = embedded.connection
    storage.push(`Ledger: embedded PGlite in ${join(config.dataDir, 'ledger')}. ${embedded.survives}`)
  }
  const over = switchOver(sayOver(log))
  const sql = openSql({ ...connection, ...options, over, onIdleError, onSharedName: sharedName(config, log) })
  stops.push(sql.close)
  // Of the embedded one's directory there is one process at a time, so none of a version before.
  const waiting = await sql.migrate({ contract: !config.databaseUrl })
  if (waiting.length > 0)
    log.warn(
      { waiting },
      'the upgrade of the ledger isn’t over: run “fapai migrate --contract” once no older version runs any more',
    )
  await holdLedgerKeys(sql, masterKeysOf(config))
  // It never analyses by itself, and a report planned for empty tables took seconds, with payments behind it.
  if (!config.databaseUrl) await sql.run({ name: 'analyze', text: 'analyze' }, [])
  return sql
}

/**
 * What operators ask for goes over connections of its own, so that it takes none from payments (I14); the embedded ledger has
 * only one, and they wait their turn for it.
 */
export function deskOf(
  config: Config,
  log: Logger,
  sql: Sql,
  stops: (() => unknown)[],
  options: Pick<SqlOptions, 'max' | 'statementTimeoutMs' | 'onDone'>,
): Sql {
  const { databaseUrl: connectionString, databasePooler: pooler } = config
  if (!connectionString) return inTurn(sql, options.onDone)
  const onIdleError = (error: Error) => say(log, 'connection of the desk lost', error)
  const shared = { over: sql.over, onIdleError, onSharedName: sharedName(config, log) }
  const desk = openSql({ connectionString, pooler, ...options, ...shared })
  stops.push(desk.close)
  return desk
}

export async function openRedis(config: Config, log: Logger, storage: string[], stops: (() => unknown)[]) {
  let url = config.redisUrl
  if (url) storage.push('Slots: Redis at REDIS_URL.')
  else {
    const embedded = await startEmbeddedRedis({
      dataDir: join(config.dataDir, 'redis'),
      socketDir: socketDir(config.dataDir),
    })
    stops.push(embedded.stop)
    url = embedded.url
    storage.push(`Slots: embedded ${embedded.kind}. ${embedded.survives}`)
  }
  const { redisTimeoutMs, redisSentinelPassword } = config
  const onError = (error: Error) => say(log, 'redis connection', error)
  const redis = connectRedis(url, onError, redisTimeoutMs, redisSentinelPassword)
  stops.push(() => redis.disconnect())
  // A start that is a moment faster than Redis would quote its first payers without discount.
  await redisReady(redis, REDIS_WAIT_MS)
  return redis
}

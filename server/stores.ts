import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Config } from './config'
import type { Campaign } from './domain/campaign'
import type { Catalog, Feed, Ledger, Merchant, Reconciliations, RefundLedger, Slots } from './flow/ports'
import { lockDir, socketDir } from './store/dir-lock'
import { connectRedis, redisReady } from './store/redis/connect'
import { startEmbeddedRedis } from './store/redis/embedded'
import { redisSlots } from './store/redis/slots'
import { sqlCatalog } from './store/sql/catalog'
import { startEmbeddedSql } from './store/sql/embedded'
import { sqlLedger } from './store/sql/ledger'
import { openSql } from './store/sql/open-sql'
import { outboxFeed } from './store/sql/outbox-feed'
import { sqlReconciliations } from './store/sql/reconciliations'
import { sqlRefunds } from './store/sql/refund-ledger'
import { seedFoodStreet } from './store/sql/seed'

/** Half the time people feel as "at once"; a nudge makes it faster where the order ended in this process. */
const FEED_POLL_MS = 400

/** Started without Redis, the BFF takes payments all the same (I9); it waits no longer than this for the discounts. */
const REDIS_WAIT_MS = 3_000

export interface Stores {
  ports: {
    ledger: Ledger
    refunds: RefundLedger
    reconciliations: Reconciliations
    catalog: Catalog
    slots: Slots
    feed: Feed
  }
  storage: string[]
  seed(street: { merchants: Merchant[]; campaigns: Campaign[] }): Promise<void>
  stop(): Promise<void>
}

/** Opens both stores: those the configuration names, or embedded ones in the data directory, which is then held. */
export async function openStores(config: Config, log: Logger): Promise<Stores> {
  const stops: (() => unknown)[] = []
  const stop = async () => {
    for (const one of stops.reverse()) await one()
  }
  try {
    const storage: string[] = []
    if (!config.databaseUrl || !config.redisUrl) {
      const lock = await lockDir(config.dataDir, 'stores')
      stops.push(lock.release)
    }
    const sql = await openLedger(config, log, storage, stops)
    const slots = await openSlots(config, log, storage, stops)
    const feed = outboxFeed(sql, { pollMs: FEED_POLL_MS })
    stops.push(feed.stop)
    return {
      ports: {
        ledger: sqlLedger(sql),
        refunds: sqlRefunds(sql),
        reconciliations: sqlReconciliations(sql),
        catalog: sqlCatalog(sql),
        slots,
        feed,
      },
      storage,
      seed: (data) => seedFoodStreet(sql, data),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function openLedger(config: Config, log: Logger, storage: string[], stops: (() => unknown)[]) {
  const onIdleError = (error: Error) => log.warn({ err: error }, 'ledger connection lost')
  let connection: Parameters<typeof openSql>[0] = { connectionString: config.databaseUrl, max: config.databasePool }
  if (config.databaseUrl) storage.push('Ledger: PostgreSQL at DATABASE_URL.')
  else {
    const embedded = await startEmbeddedSql({ dataDir: join(config.dataDir, 'ledger') })
    stops.push(embedded.stop)
    connection = embedded.connection
    storage.push(`Ledger: embedded PGlite in ${join(config.dataDir, 'ledger')}. ${embedded.survives}`)
  }
  const sql = openSql({ ...connection, onIdleError })
  stops.push(sql.close)
  await sql.migrate()
  return sql
}

async function openSlots(config: Config, log: Logger, storage: string[], stops: (() => unknown)[]) {
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
  const redis = connectRedis(url, (error) => log.warn({ err: error }, 'redis connection'), config.redisTimeoutMs)
  stops.push(() => redis.disconnect())
  // A start that is a moment faster than Redis would quote its first payers without discount.
  await redisReady(redis, REDIS_WAIT_MS)
  return redisSlots(redis)
}

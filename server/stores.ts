import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Config } from './config'
import type { Campaign } from './domain/campaign'
import { masterKeysOf } from './domain/key-ring'
import type {
  AgreementBook,
  BooksChain,
  Brakes,
  CampaignBook,
  Catalog,
  Changes,
  Clock,
  Decks,
  Deliveries,
  Desk,
  Identities,
  Ledger,
  Merchant,
  MessageGrants,
  Operators,
  PersonCards,
  Reconciliations,
  RefundLedger,
  Shared,
  SharedCounts,
  Slots,
  Suspicions,
  Traces,
  UsedTickets,
  WatchedFeed,
} from './flow/ports'
import { lockDir, socketDir } from './store/dir-lock'
import { type LedgerClock, type Look, ledgerClock } from './store/ledger-clock'
import { connectRedis, redisReady } from './store/redis/connect'
import { redisCounts } from './store/redis/counts'
import { startEmbeddedRedis } from './store/redis/embedded'
import { redisShared } from './store/redis/shared'
import { redisSlots } from './store/redis/slots'
import { redisTime } from './store/redis/time'
import { sqlAgreements } from './store/sql/agreement/agreements'
import { type AuditKeys, auditKeys } from './store/sql/audit/audit'
import { sqlBooksChain } from './store/sql/audit/books-chain'
import { sqlCampaigns } from './store/sql/campaign/book'
import { sqlBrakes } from './store/sql/campaign/brakes'
import { sqlChanges } from './store/sql/change/changes'
import { sqlDecks } from './store/sql/deck/decks'
import type { DeedLog } from './store/sql/deed/log'
import { sqlDesk } from './store/sql/desk/desk'
import { startEmbeddedSql } from './store/sql/embedded'
import { holdLedgerKeys } from './store/sql/ledger-keys'
import { sqlCatalog } from './store/sql/merchant/catalog'
import { sqlMessageGrants } from './store/sql/merchant/message-grants'
import { MIGRATION_TIMEOUT_MS } from './store/sql/migrate'
import { inTurn, openSql, type Sql, type SqlOptions } from './store/sql/open-sql'
import { sqlOperators } from './store/sql/operator/operators'
import { sqlIdentities } from './store/sql/payer/identities'
import { sqlUsedTickets } from './store/sql/payer/used-tickets'
import { sqlDeliveries } from './store/sql/payment/deliveries'
import { sqlLedger } from './store/sql/payment/ledger'
import { outboxFeed } from './store/sql/payment/outbox-feed'
import { sqlPersonCards } from './store/sql/payment/person-cards'
import { pruneOutbox } from './store/sql/payment/prune-outbox'
import { sqlTraces } from './store/sql/payment/traces'
import { refuseHiddenPooler } from './store/sql/pooler'
import { sqlReconciliations } from './store/sql/reconcile/reconciliations'
import { sqlRefunds } from './store/sql/refund/refund-ledger'
import { countedDates, recountDay, recountShares } from './store/sql/report/recount'
import { seedFoodStreet } from './store/sql/seed'
import { sqlSuspicions } from './store/sql/suspicion/suspicions'
import { sqlTime } from './store/sql/time'

/** Operators are few, and each of their pages asks for little. */
const DESK_CONNECTIONS = 4

/** For the brake and for who is calling: each takes a millisecond, and neither waits for what an operator reads meanwhile. */
const URGENT_CONNECTIONS = 2

/** Half the time people feel as "at once"; a nudge makes it faster where the order ended in this process. */
const FEED_POLL_MS = 400

/** Started without Redis, the BFF takes payments all the same (I9); it waits no longer than this for the discounts. */
const REDIS_WAIT_MS = 3_000

export interface Stores {
  ports: {
    ledger: Ledger
    decks: Decks
    refunds: RefundLedger
    reconciliations: Reconciliations
    desk: Desk
    catalog: Catalog
    slots: Slots
    feed: WatchedFeed
    operators: Operators
    campaigns: CampaignBook
    changes: Changes
    brakes: Brakes
    identities: Identities
    usedTickets: UsedTickets
    shared: Shared
    counts: SharedCounts
    traces: Traces
    personCards: PersonCards
    deliveries: Deliveries
    grants: MessageGrants
    agreements: AgreementBook
    suspicions: Suspicions
    booksChain: BooksChain
  }
  /** the ledger's time, which every writer goes by */
  clock: LedgerClock
  /** the log that every write of an operator goes through */
  deeds: DeedLog
  storage: string[]
  seed(street: { merchants: Merchant[]; campaigns: Campaign[] }): Promise<void>
  stop(): Promise<void>
}

/** What the stores do by themselves, and somebody should see. */
export interface StoreWatch {
  onLook?: (look: Look) => void
  /** the live feed could not look for news, or a reader of it failed: merchants hear late */
  onFeedFault?: (error: unknown) => void
}

/** Opens both stores: those the configuration names, or embedded ones in the data directory, which is then held. */
export async function openStores(config: Config, log: Logger, watch: StoreWatch = {}): Promise<Stores> {
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
    const desk = deskOf(config, log, sql, stops, { max: DESK_CONNECTIONS, statementTimeoutMs: config.deskTimeoutMs })
    const urgent = deskOf(config, log, sql, stops, { max: URGENT_CONNECTIONS })
    const redis = await openRedis(config, log, storage, stops)
    const clock = ledgerClock({
      database: () => sqlTime(sql),
      witnesses: { redis: () => redisTime(redis) },
      toleranceMs: config.clockToleranceMs,
      shiftMs: config.clockShiftMs,
      onLook: watch.onLook,
    })
    stops.push(clock.stop)
    await clock.look()
    const feed = outboxFeed(sql, { pollMs: FEED_POLL_MS, onError: watch.onFeedFault })
    stops.push(feed.stop)
    const keys = auditKeysOf(config)
    const { deeds } = keys
    return {
      ports: {
        ledger: sqlLedger(sql),
        decks: sqlDecks(sql),
        refunds: sqlRefunds(sql),
        reconciliations: sqlReconciliations(desk, deeds),
        desk: sqlDesk(desk, deeds),
        catalog: sqlCatalog(sql),
        slots: redisSlots(redis, config.clockShiftMs),
        feed,
        operators: { ...sqlOperators(desk, deeds), session: sqlOperators(urgent, deeds).session },
        campaigns: sqlCampaigns(desk, deeds),
        changes: sqlChanges(desk, deeds),
        brakes: sqlBrakes(urgent, deeds),
        identities: sqlIdentities(sql),
        usedTickets: sqlUsedTickets(sql),
        shared: redisShared(redis),
        counts: redisCounts(redis),
        traces: sqlTraces(sql),
        personCards: sqlPersonCards(sql),
        deliveries: sqlDeliveries(sql),
        grants: sqlMessageGrants(sql),
        agreements: sqlAgreements(sql),
        suspicions: sqlSuspicions(desk),
        booksChain: sqlBooksChain(desk, keys),
      },
      clock,
      deeds,
      storage,
      seed: (data) => seedFoodStreet(sql, data),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The operators alone, and the ledger's time, for a tool beside the BFF; what was opened is added to `stops`. */
export async function openOperators(
  config: Config,
  log: Logger,
  stops: (() => unknown)[],
): Promise<{ operators: Operators; clock: Clock }> {
  if (!config.databaseUrl) stops.push((await lockDir(config.dataDir, 'stores')).release)
  const sql = await openLedger(config, log, [], stops)
  const now = (await sqlTime(sql)) + config.clockShiftMs
  return { operators: sqlOperators(sql, auditKeysOf(config).deeds), clock: { now: () => now } }
}

/** The pruning of the outbox alone; as above. */
export async function openPruning(config: Config, log: Logger, stops: (() => unknown)[]) {
  if (!config.databaseUrl) stops.push((await lockDir(config.dataDir, 'stores')).release)
  const sql = await openLedger(config, log, [], stops)
  return { now: () => sqlTime(sql), prune: (beforeAt: number) => pruneOutbox(sql, beforeAt) }
}

/** The counts of merchants' days, to be counted anew for as long as a migration may take; as above. */
export async function openRecounting(config: Config, log: Logger, stops: (() => unknown)[]) {
  if (!config.databaseUrl) stops.push((await lockDir(config.dataDir, 'stores')).release)
  const sql = await openLedger(config, log, [], stops, { statementTimeoutMs: MIGRATION_TIMEOUT_MS })
  return {
    dates: () => countedDates(sql),
    recount: (date: string) => recountDay(sql, date),
    recountShares: () => recountShares(sql),
  }
}

/** What the log of operators and the books' chain are made and checked with. */
export const auditKeysOf = (config: Config): AuditKeys => auditKeys(masterKeysOf(config))

/** How to reach the configured database; undefined: it is to be the embedded one. @throws DatabaseUnfit */
export async function databaseOf(config: Config): Promise<SqlOptions | undefined> {
  const { databaseUrl: connectionString, databasePool: max, databasePooler: pooler } = config
  if (!connectionString) return undefined
  if (!pooler) await refuseHiddenPooler({ connectionString })
  return { connectionString, max, pooler }
}

async function openLedger(
  config: Config,
  log: Logger,
  storage: string[],
  stops: (() => unknown)[],
  options: Pick<SqlOptions, 'statementTimeoutMs'> = {},
) {
  const onIdleError = (error: Error) => log.warn({ err: error }, 'ledger connection lost')
  let connection = await databaseOf(config)
  if (connection) {
    const through = connection.pooler ? ', through a pooler in transaction mode' : ''
    storage.push(`Ledger: PostgreSQL at DATABASE_URL${through}.`)
  } else {
    const embedded = await startEmbeddedSql({ dataDir: join(config.dataDir, 'ledger') })
    stops.push(embedded.stop)
    connection = embedded.connection
    storage.push(`Ledger: embedded PGlite in ${join(config.dataDir, 'ledger')}. ${embedded.survives}`)
  }
  const sql = openSql({ ...connection, ...options, onIdleError })
  stops.push(sql.close)
  await sql.migrate()
  await holdLedgerKeys(sql, masterKeysOf(config))
  // It never analyses by itself, and a report planned for empty tables took seconds, with payments behind it.
  if (!config.databaseUrl) await sql.run({ name: 'analyze', text: 'analyze' }, [])
  return sql
}

/**
 * What operators ask for goes over connections of its own, so that it takes none from payments (I14); the embedded ledger has
 * only one, and they wait their turn for it.
 */
function deskOf(
  config: Config,
  log: Logger,
  sql: Sql,
  stops: (() => unknown)[],
  options: Pick<SqlOptions, 'max' | 'statementTimeoutMs'>,
): Sql {
  const { databaseUrl: connectionString, databasePooler: pooler } = config
  if (!connectionString) return inTurn(sql)
  const onIdleError = (error: Error) => log.warn({ err: error }, 'connection of the desk lost')
  const desk = openSql({ connectionString, pooler, ...options, onIdleError })
  stops.push(desk.close)
  return desk
}

async function openRedis(config: Config, log: Logger, storage: string[], stops: (() => unknown)[]) {
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
  return redis
}

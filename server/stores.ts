import type { Logger } from 'pino'
import type { Config } from './config'
import type { Campaign } from './domain/campaign'
import { masterKeysOf } from './domain/key-ring'
import type {
  AgreementBook,
  Archived,
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
  OrderUpkeep,
  PayerDays,
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
import { lockDir } from './store/dir-lock'
import { type LedgerClock, type Look, ledgerClock } from './store/ledger-clock'
import { redisCounts } from './store/redis/counts'
import { redisShared } from './store/redis/shared'
import { redisSlots } from './store/redis/slots'
import { redisTime } from './store/redis/time'
import { sqlAgreements } from './store/sql/agreement/agreements'
import { sqlArchived } from './store/sql/archive/archived'
import { type AuditKeys, auditKeys } from './store/sql/audit/audit'
import { sqlBooksChain } from './store/sql/audit/books-chain'
import { sqlCampaigns } from './store/sql/campaign/book'
import { sqlBrakes } from './store/sql/campaign/brakes'
import { sqlChanges } from './store/sql/change/changes'
import { sqlDecks } from './store/sql/deck/decks'
import type { DeedLog } from './store/sql/deed/log'
import { sqlDesk } from './store/sql/desk/desk'
import { sqlCatalog } from './store/sql/merchant/catalog'
import { sqlMessageGrants } from './store/sql/merchant/message-grants'
import { MIGRATION_TIMEOUT_MS } from './store/sql/migrate'
import type { Sql, SqlOptions } from './store/sql/open-sql'
import { sqlOperators } from './store/sql/operator/operators'
import { sqlIdentities } from './store/sql/payer/identities'
import { sqlUsedTickets } from './store/sql/payer/used-tickets'
import { sqlDeliveries } from './store/sql/payment/deliveries'
import { sqlLedger } from './store/sql/payment/ledger'
import { sqlOrderUpkeep } from './store/sql/payment/order-upkeep'
import { outboxFeed } from './store/sql/payment/outbox-feed'
import { packBooks } from './store/sql/payment/pack-books'
import { packPapers } from './store/sql/payment/pack-papers'
import { sqlPayerDays } from './store/sql/payment/payer-days'
import { sqlPersonCards } from './store/sql/payment/person-cards'
import { type PackAt, pruneKeys } from './store/sql/payment/prune-keys'
import { pruneOutbox } from './store/sql/payment/prune-outbox'
import { sqlTraces } from './store/sql/payment/traces'
import { packLines } from './store/sql/reconcile/pack-lines'
import { sqlReconciliations } from './store/sql/reconcile/reconciliations'
import { sqlRefunds } from './store/sql/refund/refund-ledger'
import { countedDates, recountDay, recountShares } from './store/sql/report/recount'
import { seedFoodStreet } from './store/sql/seed'
import { sqlSuspicions } from './store/sql/suspicion/suspicions'
import { sqlTime } from './store/sql/time'
import { deskOf, type OnSql, openLedger, openRedis, type PoolName } from './stores/open'

export { databaseOf } from './stores/open'

/** Operators are few, and each of their pages asks for little. */
export const DESK_CONNECTIONS = 4

/** For the brake and for who is calling: each takes a millisecond, and neither waits for what an operator reads meanwhile. */
export const URGENT_CONNECTIONS = 2

/** Half the time people feel as "at once"; a nudge makes it faster where the order ended in this process. */
const FEED_POLL_MS = 400

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
    orderUpkeep: OrderUpkeep
    payerDays: PayerDays
    deliveries: Deliveries
    grants: MessageGrants
    agreements: AgreementBook
    suspicions: Suspicions
    booksChain: BooksChain
    archived: Archived
  }
  /** the ledger's time, which every writer goes by */
  clock: LedgerClock
  /** the log that every write of an operator goes through */
  deeds: DeedLog
  storage: string[]
  /** how often the ledger may have become another server's, from 0 */
  ledgers(): number
  /** what their connections are at; the embedded ledger has one for all */
  pools(): { pool: PoolName; max: number; total: number; idle: number; waiting: number }[]
  /** how long the live feed has been behind, ms, and who reads it */
  feedLag(): { ms: number; readers: number }
  seed(street: { merchants: Merchant[]; campaigns: Campaign[] }): Promise<void>
  stop(): Promise<void>
}

/** What the stores do by themselves, and somebody should see. */
export interface StoreWatch {
  onLook?: (look: Look) => void
  /** the live feed could not look for news, or a reader of it failed: merchants hear late */
  onFeedFault?: (error: unknown) => void
  onSql?: OnSql
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
    const sql = await openLedger(config, log, storage, stops, { onDone: doneOf(watch, 'payments') })
    const deskLimits = { max: DESK_CONNECTIONS, statementTimeoutMs: config.deskTimeoutMs }
    const desk = deskOf(config, log, sql, stops, { ...deskLimits, onDone: doneOf(watch, 'desk') })
    const urgent = deskOf(config, log, sql, stops, { max: URGENT_CONNECTIONS, onDone: doneOf(watch, 'urgent') })
    const redis = await openRedis(config, log, storage, stops)
    const clock = clockOf(config, watch, sql, redis)
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
        slots: slotsOf(redisSlots(redis, config.clockShiftMs), sql),
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
        orderUpkeep: sqlOrderUpkeep(sql),
        payerDays: sqlPayerDays(sql),
        deliveries: sqlDeliveries(sql),
        grants: sqlMessageGrants(sql),
        agreements: sqlAgreements(sql),
        suspicions: sqlSuspicions(desk),
        booksChain: sqlBooksChain(desk, keys),
        archived: sqlArchived(sql),
      },
      clock,
      deeds,
      storage,
      ledgers: sql.over.doubts,
      pools: () => poolsOf({ payments: sql, desk, urgent }),
      feedLag: feed.lag,
      seed: (data) => seedFoodStreet(sql, data),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Decks are held against the ledger once a connection to Redis, and whenever the ledger may be another server's, which may lack what one before had. */
const slotsOf = (slots: Slots, sql: Sql): Slots => ({
  ...slots,
  connection: () => slots.connection() + sql.over.doubts(),
})

function clockOf(config: Config, { onLook }: StoreWatch, sql: Sql, redis: Awaited<ReturnType<typeof openRedis>>) {
  return ledgerClock({
    database: () => sqlTime(sql),
    witnesses: { redis: () => redisTime(redis) },
    toleranceMs: config.clockToleranceMs,
    shiftMs: config.clockShiftMs,
    onLook,
  })
}

function doneOf({ onSql }: StoreWatch, pool: PoolName): SqlOptions['onDone'] {
  return onSql && ((...done) => onSql(pool, ...done))
}

function poolsOf(all: Record<PoolName, Sql>): ReturnType<Stores['pools']> {
  return Object.entries(all).map(
    ([
      pool,
      {
        pool: { options, totalCount, idleCount, waitingCount },
      },
    ]) => ({
      pool: pool as PoolName,
      max: options.max,
      total: totalCount,
      idle: idleCount,
      waiting: waitingCount,
    }),
  )
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

/** The pruning of the outbox and of keys, and the packing of papers and books alone; as above. */
export async function openPruning(config: Config, log: Logger, stops: (() => unknown)[]) {
  if (!config.databaseUrl) stops.push((await lockDir(config.dataDir, 'stores')).release)
  const sql = await openLedger(config, log, [], stops)
  return {
    /** what waits for the end of an upgrade */
    waiting: await sql.migrate(),
    now: () => sqlTime(sql),
    prune: (beforeAt: number) => pruneOutbox(sql, beforeAt),
    pack: (date: string, after?: string) => packPapers(sql, date, after),
    pruneKeys: (beforeAt: number, after?: PackAt) => pruneKeys(sql, beforeAt, after),
    packBooks: (after?: string) => packBooks(sql, after),
    packLines: (after?: string) => packLines(sql, after),
  }
}

/** The counts of merchants' days, to be counted anew for as long as a migration may take; as above. */
export async function openRecounting(config: Config, log: Logger, stops: (() => unknown)[]) {
  if (!config.databaseUrl) stops.push((await lockDir(config.dataDir, 'stores')).release)
  const sql = await openLedger(config, log, [], stops, { statementTimeoutMs: MIGRATION_TIMEOUT_MS, directly: true })
  return {
    dates: () => countedDates(sql),
    recount: (date: string) => recountDay(sql, date),
    recountShares: () => recountShares(sql),
    horizon: sqlArchived(sql).horizon,
  }
}

/** What the log of operators and the books' chain are made and checked with. */
export const auditKeysOf = (config: Config): AuditKeys => auditKeys(masterKeysOf(config))

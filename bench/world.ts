import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Cluster, Redis } from 'ioredis'
import { startTestBank, type TestBank } from '../harness/bank'
import { freePort } from '../harness/free-port'
import { LIFTED } from '../harness/lifted'
import { postgresMissing, startOwnPostgres } from '../harness/sql'
import { businessDate } from '../server/domain/business-date'
import { masterKeys } from '../server/domain/key-ring'
import type { Merchant } from '../server/flow/ports'
import { startSandboxAlipay } from '../server/sandbox/alipay/start'
import { type Child, forkChild } from '../server/sandbox/children'
import * as street from '../server/sandbox/food-street'
import { startSandboxWechatpay } from '../server/sandbox/system'
import { startSandboxUnionPay } from '../server/sandbox/unionpay/start'
import { connectRedis, redisReady } from '../server/store/redis/connect'
import { startEmbeddedRedis } from '../server/store/redis/embedded'
import { startEmbeddedSql } from '../server/store/sql/embedded'
import { holdLedgerKeys } from '../server/store/sql/ledger-keys'
import { openSql, type SqlOptions } from '../server/store/sql/open-sql'
import { seedFoodStreet } from '../server/store/sql/seed'
import type { FloorOptions, Work } from './floor'
import { type Subject, subjectOf } from './subject'

/** Settings of a PostgreSQL with millions of orders; the harness's own are for many small ones at once. */
export const OF_SOME_SIZE = [
  'shared_buffers=512MB',
  'work_mem=16MB',
  'effective_cache_size=2GB',
  'random_page_cost=1.1',
  'max_wal_size=4GB',
]

const MASTER_KEY = randomBytes(32)

/** What makes a commit wait for the disk, as in production; without it nobody does, the floor neither. */
export const DURABLE = ['fsync=on', 'synchronous_commit=on', 'full_page_writes=on']

/** Cards of a deck, as in the case. */
export const CARDS_EACH = 20

/** Everything the benches run against; each server is a process of its own, as in production. */
export interface World {
  /** what the stores are, for people */
  storage: { redis: string; sql: string }
  redisUrl: string
  redis: Redis | Cluster
  /** what server/main.ts starts, compiled */
  bff: Subject
  bffUrl: string
  floor: Subject
  tellFloor(work: Work): void
  /** an answer of ours to a quote, so that the floor's is as long */
  showFloor(answer: object): void
  /** merchants of the campaign beside the street's own twenty, whose decks only the orders use */
  merchantCodes: string[]
  /** where each wallet is, of a world that has them */
  wallets?: WalletHands
  stop(): Promise<void>
}

export interface WalletHands {
  wechatpay: { url: string; adminToken: string }
  alipayUrl: string
  unionpayUrl: string
  /** where each is told */
  bffUrl: string
  floorUrl: string
}

/** Starts stores, bank, BFF and floor. The machine's redis-server and PostgreSQL if it has them, else the embedded ones. */
export async function startWorld(options: {
  merchants: number
  /** what PostgreSQL holds besides; it is then one of some size */
  fill?: (connection: SqlOptions) => Promise<void>
  /** with the three wallets, each a process of its own */
  wallets?: true
  /** PostgreSQL loses nothing that it said it has */
  fsync?: boolean
}): Promise<World> {
  const dataDir = mkdtempSync(join(tmpdir(), 'fapai-bench-'))
  const stops: (() => unknown)[] = [() => rmSync(dataDir, { recursive: true, force: true })]
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one()
  }
  try {
    const redisServer = await startEmbeddedRedis({ socketDir: dataDir })
    stops.push(redisServer.stop)
    const redis = connectRedis(redisServer.url)
    stops.push(() => redis.disconnect())
    if (!(await redisReady(redis, 10_000))) throw new Error('no Redis')
    const merchantCodes = Array.from({ length: options.merchants }, (_, i) => `N${String(i + 1).padStart(4, '0')}`)
    const sql = await startSql(dataDir, merchantCodes, stops, options)
    const bank = await startTestBank()
    stops.push(bank.stop)
    const servers = await startServers(
      dataDir,
      bank,
      { redisUrl: redisServer.url, databaseUrl: sql.databaseUrl },
      stops,
      options.wallets ?? false,
    )
    return {
      storage: { redis: redisServer.kind, sql: sql.name },
      redisUrl: redisServer.url,
      redis,
      ...servers,
      merchantCodes,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** PostgreSQL for both servers; without it each has a PGlite of its own, the BFF's already holding the merchants. */
async function startSql(
  dataDir: string,
  merchantCodes: string[],
  stops: (() => unknown)[],
  { fill, fsync }: Pick<Parameters<typeof startWorld>[0], 'fill' | 'fsync'>,
) {
  const missing = postgresMissing()
  if (missing) {
    const embedded = await startEmbeddedSql({ dataDir: join(dataDir, 'ledger') })
    const sql = openSql(embedded.connection)
    await sql.migrate()
    await seedFoodStreet(sql, seedOf(merchantCodes))
    await sql.close()
    await embedded.stop()
    return { name: `PGlite, one in each server (${missing})`, databaseUrl: undefined }
  }
  const postgres = await startOwnPostgres([...(fill ? OF_SOME_SIZE : []), ...(fsync ? DURABLE : [])])
  stops.push(postgres.stop)
  const sql = await postgres.fresh()
  await seedFoodStreet(sql, seedOf(merchantCodes))
  // before it has a past that was made with none
  await holdLedgerKeys(sql, masterKeys(MASTER_KEY))
  await fill?.(postgres.connection())
  const { host, user, database } = postgres.connection()
  const databaseUrl = `postgres://${user}@localhost/${database}?host=${encodeURIComponent(host!)}`
  const [row] = (await sql.pool.query<{ server_version: string }>('show server_version')).rows
  return { name: `PostgreSQL ${row!.server_version}, unix socket, fsync ${fsync ? 'on' : 'off'}`, databaseUrl }
}

/** The case's campaign on more merchants, with a budget for all their decks: what is measured are cards, not refusals. */
function seedOf(merchantCodes: string[]) {
  const [first] = street.merchants
  const more: Merchant[] = merchantCodes.map((merchantCode) => ({
    ...first!,
    merchantCode,
    account: `acct-${merchantCode}`,
  }))
  const campaign = { ...street.campaign(Date.now(), street.UNLIMITED), budgetFen: 1_000_000_000_000 }
  return { merchants: [...street.merchants, ...more], campaigns: [campaign] }
}

async function startServers(
  dataDir: string,
  bank: TestBank,
  stores: { redisUrl: string; databaseUrl: string | undefined },
  stops: (() => unknown)[],
  withWallets: boolean,
) {
  const ports = withWallets ? { bff: await freePort(), floor: await freePort() } : { bff: 0, floor: 0 }
  const wallets = withWallets ? await startWallets(dataDir, ports, stops) : undefined
  const environment = { ...bffEnvironment(dataDir, bank, stores), ...wallets?.env }
  const bff = await forkServer('bff', [], { ...environment, PORT: String(ports.bff) })
  stops.push(bff.stop)
  const floorOptions: FloorOptions = {
    ...stores,
    bank: bank.config,
    businessDate: businessDate(Date.now()),
    port: ports.floor,
    wallets: withWallets,
  }
  const told = wallets && { ...environment, PUBLIC_URL: wallets.hands.floorUrl }
  const floor = await forkServer('floor', [JSON.stringify(floorOptions)], told ?? {})
  stops.push(floor.stop)
  const subjects = { bff: subjectOf(bff), floor: subjectOf(floor) }
  stops.push(subjects.bff.close, subjects.floor.close)
  const hands = wallets && { wallets: wallets.hands }
  return {
    ...subjects,
    ...hands,
    bffUrl: bff.said.url,
    tellFloor: (work: Work) => void floor.process.send({ kind: 'work', ...work }),
    showFloor: (answer: object) => void floor.process.send({ kind: 'answer', answer }),
  }
}

async function startWallets(dataDir: string, ports: { bff: number; floor: number }, stops: (() => unknown)[]) {
  const [bffUrl, floorUrl] = [ports.bff, ports.floor].map((port) => `http://127.0.0.1:${port}`) as [string, string]
  const [wechatpay, alipay, unionpay] = await Promise.all([
    startSandboxWechatpay(dataDir, process.env),
    startSandboxAlipay(dataDir, bffUrl, process.env),
    startSandboxUnionPay(dataDir, bffUrl, process.env),
  ])
  stops.push(wechatpay.child.stop, alipay.child.stop, unionpay.child.stop)
  const hands: WalletHands = { wechatpay, alipayUrl: alipay.url, unionpayUrl: unionpay.url, bffUrl, floorUrl }
  return { hands, env: { ...wechatpay.env, ...alipay.env, ...unionpay.env, ...PATIENT_WALLETS } }
}

/** Nobody asks before a notice comes, however busy the machine; what is left open at the end isn't waited for. */
const PATIENT_WALLETS = {
  WECHATPAY_TIMEOUT_MS: '20000',
  ALIPAY_TIMEOUT_MS: '20000',
  UNIONPAY_TIMEOUT_MS: '20000',
  WECHATPAY_RECONCILE_AT: 'off',
}

/** A fork inherits the loader that runs this process, so it may be TypeScript too. */
function forkServer(name: string, args: string[], env: NodeJS.ProcessEnv): Promise<Child<{ url: string }>> {
  return forkChild(resolve(__dirname, `${name}.ts`), args, { env: { ...process.env, ...env } })
}

function bffEnvironment(
  dataDir: string,
  { config }: TestBank,
  stores: { redisUrl: string; databaseUrl: string | undefined },
): NodeJS.ProcessEnv {
  return {
    NODE_ENV: 'development',
    SANDBOX: 'on',
    SANDBOX_EASY: 'on',
    ...LIFTED,
    OVERLOAD_DELAY_MS: '600000',
    RATE_LIMITS: 'off',
    PORT: '0',
    LOG_LEVEL: 'warn',
    DATA_DIR: dataDir,
    MASTER_KEY: MASTER_KEY.toString('hex'),
    REDIS_URL: stores.redisUrl,
    DATABASE_URL: stores.databaseUrl ?? '',
    BANK_URL: config.baseUrl,
    BANK_KEY_ID: config.keyId,
    BANK_PRIVATE_KEY: config.privateKey,
    BANK_PUBLIC_KEY: config.bankPublicKey,
    RECONCILE_AT: 'off',
    // so that a payer of the bench may pay more than five times
    STATIC_CODE_DAILY_LIMIT_FEN: '100000000',
  }
}

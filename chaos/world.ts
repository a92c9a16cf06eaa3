import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BankAdmin, bankAdmin } from '../harness/bank'
import { freePort } from '../harness/free-port'
import { LIFTED } from '../harness/lifted'
import { TYPESCRIPT } from '../harness/typescript'
import type { Merchant } from '../server/flow/ports'
import type { Child } from '../server/sandbox/children'
import * as street from '../server/sandbox/food-street'
import { sandboxKeys } from '../server/sandbox/keys'
import { type Bff, type SandboxBank, startSandboxBank, startSandboxBff } from '../server/sandbox/system'
import { startEmbeddedSql } from '../server/store/sql/embedded'
import { openSql, type Sql, type SqlOptions } from '../server/store/sql/open-sql'
import { seedFoodStreet } from '../server/store/sql/seed'
import { type Part, pause, runs, signal, tether } from './part'
import { type Postgres, startPostgres } from './postgres'
import { type RedisServer, startRedis } from './redis'
import type { PartName } from './schedule'

/** The whole product as processes that can be killed one by one. */
export interface World {
  parts: Map<PartName, Part>
  /** where each BFF listens; the same address after each start */
  urls: string[]
  bank: BankAdmin
  bankAddress: { bankUrl: string; bankAdminToken: string }
  merchants: Merchant[]
  storage: string
  dataDir: string
  redis: RedisServer | undefined
  /** The ledger, for looking at it. With embedded stores only when the BFF has stopped, which this does. */
  openLedger(): Promise<{ sql: Sql; close(): Promise<void> }>
  stop(): Promise<void>
}

export interface WorldOptions {
  bffs: number
  merchants: number
  budgetFen: number
  embedded: boolean
  /** of the BFFs, on standard error */
  logLevel: string
  /** instead of a Redis of our own */
  redisUrl?: string
}

/** Leases are short, so that they end while their payers are still there; quotes end 4 s before, longer than a slow pay takes. */
export const LEASE = { ttlMs: 10_000, marginMs: 4_000 }
/** A short deadline, so that slow replies miss it and what is unknown is asked about soon. */
const BANK_TIMEOUT_MS = 2_000

/** Starts bank, stores and BFFs, and what they have to sell. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const dataDir = mkdtempSync(join(tmpdir(), 'fapai-chaos-'))
  const stops: (() => unknown)[] = [() => rmSync(dataDir, { recursive: true, force: true })]
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one()
  }
  try {
    return await assembled(options, dataDir, stops, stop)
  } catch (error) {
    await stop()
    throw error
  }
}

async function assembled(
  options: WorldOptions,
  dataDir: string,
  stops: (() => unknown)[],
  stop: () => Promise<void>,
): Promise<World> {
  const parts = new Map<PartName, Part>()
  const street = streetOf(options)
  const bank = await startBank(dataDir)
  stops.push(bank.stop)
  parts.set('bank', bank.part)
  let redis: RedisServer | undefined
  let postgres: Postgres | undefined
  if (!options.embedded) {
    postgres = await startPostgres()
    stops.push(postgres.stop)
    parts.set('postgres', postgres)
    if (!options.redisUrl) {
      redis = await startRedis()
      stops.push(redis.stop)
      parts.set('redis', redis)
    }
  }
  await seed(postgres?.connection, dataDir, street)
  const stores = { REDIS_URL: redis?.url ?? options.redisUrl ?? '', DATABASE_URL: postgres?.url ?? '' }
  const bffs = await Promise.all(
    Array.from({ length: options.bffs }, () => startBff(dataDir, bank.url, { ...stores, LOG_LEVEL: options.logLevel })),
  )
  stops.push(() => Promise.all(bffs.map((bff) => bff.stop())))
  for (const [i, bff] of bffs.entries()) parts.set(`bff-${i + 1}`, bff.part)
  return {
    parts,
    urls: bffs.map((bff) => bff.url),
    bank: bank.admin,
    bankAddress: bank.address,
    merchants: street.merchants,
    storage: postgres ? `PostgreSQL ${postgres.version}, Redis ${redis?.version ?? 'Cluster'}` : 'embedded stores',
    dataDir,
    redis,
    async openLedger() {
      if (postgres) return opened(postgres.connection)
      await Promise.all(bffs.map((bff) => bff.stop()))
      const embedded = await startEmbeddedSql({ dataDir: join(dataDir, 'ledger') })
      const { sql, close } = await opened(embedded.connection)
      return { sql, close: () => close().then(embedded.stop) }
    },
    stop,
  }
}

async function opened(connection: SqlOptions) {
  // what looks at everything may take its time
  const sql = openSql({ ...connection, max: connection.max ?? 4, statementTimeoutMs: 60_000, query_timeout: 60_000 })
  return { sql, close: () => sql.close() }
}

/** The case's campaign on so many merchants of our own, beside the street's twenty. */
function streetOf({ merchants, budgetFen }: WorldOptions) {
  const own: Merchant[] = Array.from({ length: merchants }, (_, i) => {
    const merchantCode = `C${String(i + 1).padStart(5, '0')}`
    return { ...street.merchants[i % 2]!, merchantCode, name: `商户 ${i + 1}`, account: `acct-${merchantCode}` }
  })
  return { merchants: own, campaigns: [{ ...street.campaign(Date.now()), budgetFen }] }
}

async function seed(
  connection: SqlOptions | undefined,
  dataDir: string,
  { merchants, campaigns }: ReturnType<typeof streetOf>,
) {
  const embedded = connection ? undefined : await startEmbeddedSql({ dataDir: join(dataDir, 'ledger') })
  const { sql, close } = await opened(connection ?? embedded!.connection)
  await sql.migrate()
  for (let i = 0; i < merchants.length; i += 500)
    await seedFoodStreet(sql, { merchants: merchants.slice(i, i + 500), campaigns })
  await close()
  await embedded?.stop()
}

/** A forked process as a part; `fork` starts it anew. */
async function forked<T>(fork: () => Promise<Child<T>>) {
  let child = await fork()
  let untie = tether(child.process.pid!)
  const pid = () => child.process.pid!
  const part: Part = {
    async kill() {
      untie()
      signal(pid(), 'SIGKILL')
      await child.ended
    },
    async start() {
      child = await fork()
      untie = tether(pid())
    },
    pause: () => signal(pid(), 'SIGSTOP'),
    resume: () => signal(pid(), 'SIGCONT'),
    alive: () => child.process.exitCode === null && child.process.signalCode === null && runs(pid()),
  }
  const stop = async () => {
    signal(pid(), 'SIGCONT')
    await child.stop()
    untie()
  }
  return { part, child: () => child, stop }
}

async function startBank(dataDir: string) {
  const environment = { ...process.env, ...TYPESCRIPT, SANDBOX_EASY: 'on' }
  let bank: SandboxBank | undefined
  const { part, stop } = await forked(async () => {
    bank = await startSandboxBank(dataDir, environment, bank)
    return bank.child
  })
  return {
    part,
    stop,
    url: bank!.url,
    address: { bankUrl: bank!.url, bankAdminToken: bank!.adminToken },
    admin: bankAdmin(bank!.url, bank!.adminToken),
  }
}

/** While its database is away it can't start: then as a supervisor would, again. */
const RESTART_MS = 500

async function startBff(dataDir: string, bankUrl: string, env: NodeJS.ProcessEnv) {
  const own = {
    ...process.env,
    ...TYPESCRIPT,
    NODE_ENV: 'test',
    RATE_LIMITS: 'off',
    SANDBOX_EASY: 'on',
    ...LIFTED,
    PORT: String(await freePort()),
    BANK_TIMEOUT_MS: String(BANK_TIMEOUT_MS),
    LEASE_TTL_MS: String(LEASE.ttlMs),
    LEASE_MARGIN_MS: String(LEASE.marginMs),
    // a process that was paused is late, and refuses nobody here
    OVERLOAD_DELAY_MS: '600000',
    // a payer of ours pays more than five times
    STATIC_CODE_DAILY_LIMIT_FEN: '100000000',
    // the statements are reconciled at the end, when mistakes have been planted in them
    RECONCILE_AT: 'off',
    ...env,
  }
  const { part, child, stop } = await forked<Bff>(async () => {
    for (let left = 60; ; left--)
      try {
        return await startSandboxBff(dataDir, bankUrl, own)
      } catch (error) {
        if (left === 0) throw error
        await pause(RESTART_MS)
      }
  })
  return { part, stop, url: child().said.url }
}

export function masterKeyOf(dataDir: string): Buffer {
  return Buffer.from(sandboxKeys(dataDir).masterKey, 'hex')
}

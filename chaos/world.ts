import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BankAdmin, bankAdmin } from '../harness/bank'
import { freePort } from '../harness/free-port'
import { LIFTED } from '../harness/lifted'
import { TYPESCRIPT } from '../harness/typescript'
import type { Merchant } from '../server/flow/ports'
import * as street from '../server/sandbox/food-street'
import { sandboxKeys } from '../server/sandbox/keys'
import { type Bff, type SandboxBank, startSandboxBank, startSandboxBff } from '../server/sandbox/system'
import { startEmbeddedSql } from '../server/store/sql/embedded'
import { openSql, type Sql, type SqlOptions } from '../server/store/sql/open-sql'
import { type SeedCampaign, seedFoodStreet } from '../server/store/sql/seed'
import { startFront } from './front'
import { forked, type Part, pause } from './part'
import { type Postgres, startPostgres } from './postgres'
import { type RedisServer, startRedis } from './redis'
import type { PartName } from './schedule'
import { startWallets, type WalletPart } from './wallet/parts'

/** The whole product as processes that can be killed one by one. */
export interface World {
  parts: Map<PartName, Part>
  /** where each BFF listens; the same address after each start */
  urls: string[]
  bank: BankAdmin
  wallets: WalletPart[]
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
  /** what is on at its merchants; the street's own twenty join the case's campaign */
  campaigns(merchantCodes: readonly string[]): SeedCampaign[]
  embedded: boolean
  /** of the BFFs, on standard error */
  logLevel: string
  /** false: the bank alone, where wallets are no subject */
  wallets: boolean
  /** instead of a Redis of our own */
  redisUrl?: string
}

/** Leases are short, so that they end while their payers are still there; quotes end 4 s before, longer than a slow pay takes. */
export const LEASE = { ttlMs: 10_000, marginMs: 4_000 }
/** A short deadline, so that slow replies miss it and what is unknown is asked about soon. */
const CHANNEL_TIMEOUT_MS = 2_000
/** Payers of wallets who do nothing are waited for no longer than a lease lasts, and a little. */
const PAY_WITHIN_MS = 12_000

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
  const front = await startFront()
  stops.push(front.stop)
  const wallets = options.wallets ? await startWallets(dataDir, front.url) : []
  stops.push(() => Promise.all(wallets.map((wallet) => wallet.stop())))
  for (const { name, part } of wallets) parts.set(name, part)
  const walletEnv = Object.assign({}, ...wallets.map(({ env }) => env)) as NodeJS.ProcessEnv
  const stores = { REDIS_URL: redis?.url ?? options.redisUrl ?? '', DATABASE_URL: postgres?.url ?? '' }
  const bffs = await Promise.all(
    Array.from({ length: options.bffs }, () =>
      startBff(dataDir, bank.url, { ...walletEnv, ...stores, LOG_LEVEL: options.logLevel }),
    ),
  )
  front.leadTo(bffs.map((bff) => bff.url))
  stops.push(() => Promise.all(bffs.map((bff) => bff.stop())))
  for (const [i, bff] of bffs.entries()) parts.set(`bff-${i + 1}`, bff.part)
  return {
    parts,
    urls: bffs.map((bff) => bff.url),
    bank: bank.admin,
    wallets,
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

/** On a machine that has no time a page of orders takes minutes. */
const LOOK_MS = 600_000

async function opened(connection: SqlOptions) {
  // what looks at everything may take its time
  const patience = { statementTimeoutMs: LOOK_MS, query_timeout: LOOK_MS }
  const sql = openSql({ ...connection, max: connection.max ?? 4, ...patience })
  return { sql, close: () => sql.close() }
}

/** So many merchants of our own, beside the street's twenty, and what is on at them. */
function streetOf({ merchants, campaigns }: WorldOptions) {
  const own: Merchant[] = Array.from({ length: merchants }, (_, i) => {
    const merchantCode = `C${String(i + 1).padStart(5, '0')}`
    const { walletAccounts, ...merchant } = street.merchants[i % 2]!
    const tail = String(i + 1).padStart(4, '0')
    return {
      ...merchant,
      merchantCode,
      name: `商户 ${i + 1}`,
      account: `acct-${merchantCode}`,
      walletAccounts: {
        // The sandbox's WeChat Pay takes payments for the street's own alone: some of ours are one merchant there.
        wechatpay: street.merchants[i % street.merchants.length]!.walletAccounts.wechatpay!,
        alipay: `20881${tail.padStart(11, '0')}`,
        unionpay: `${walletAccounts.unionpay!.slice(0, 11)}${tail}`,
      },
    }
  })
  return { merchants: own, campaigns: campaigns(own.map(({ merchantCode }) => merchantCode)) }
}

async function seed(
  connection: SqlOptions | undefined,
  dataDir: string,
  { merchants, campaigns }: ReturnType<typeof streetOf>,
) {
  const embedded = connection ? undefined : await startEmbeddedSql({ dataDir: join(dataDir, 'ledger') })
  const { sql, close } = await opened(connection ?? embedded!.connection)
  await sql.migrate()
  for (let i = 0; i < merchants.length; i += 500) {
    const some = merchants.slice(i, i + 500)
    const isHere = (code: string) => some.some(({ merchantCode }) => merchantCode === code)
    const theirs = campaigns.map((one) => ({ ...one, merchantCodes: one.merchantCodes?.filter(isHere) ?? [] }))
    await seedFoodStreet(sql, { merchants: some, campaigns: theirs })
  }
  await close()
  await embedded?.stop()
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
    ...Object.fromEntries(
      ['BANK', 'WECHATPAY', 'ALIPAY', 'UNIONPAY'].map((name) => [`${name}_TIMEOUT_MS`, String(CHANNEL_TIMEOUT_MS)]),
    ),
    ...Object.fromEntries(
      ['WECHATPAY', 'ALIPAY', 'UNIONPAY'].map((name) => [`${name}_PAY_WITHIN_MS`, String(PAY_WITHIN_MS)]),
    ),
    // All clocks are this machine's; what Alipay has never seen is closed so much after its time.
    CLOCK_TOLERANCE_MS: '5000',
    LEASE_TTL_MS: String(LEASE.ttlMs),
    LEASE_MARGIN_MS: String(LEASE.marginMs),
    // a process that was paused is late, and refuses nobody here
    OVERLOAD_DELAY_MS: '600000',
    // a payer of ours pays more than five times
    STATIC_CODE_DAILY_LIMIT_FEN: '100000000',
    // the statements are reconciled at the end, when mistakes have been planted in them
    RECONCILE_AT: 'off',
    WECHATPAY_RECONCILE_AT: 'off',
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

import { resolve } from 'node:path'
import { z } from 'zod'
import { bankConfig } from './channel/bank/schema'
import { CRASH_POINTS } from './flow/crash-point'

/** The only reader of the environment. Every variable is documented here and in docs/OPERATIONS.md. */

const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max)
const hexKey = z
  .string()
  .regex(/^[0-9a-f]{64}$/i, 'must be 32 bytes in hex')
  .transform((hex) => Buffer.from(hex, 'hex'))

const environment = z.object({
  NODE_ENV: z.enum(['production', 'development', 'test']).default('development'),
  /** where the BFF listens; 127.0.0.1 unless told otherwise, TLS ends in front of it */
  PORT: whole(0, 65_535).default(8787),
  HOST: z.string().min(1).default('127.0.0.1'),
  /** folder of the embedded stores, the sandbox's keys and the sandbox bank's books */
  DATA_DIR: z.string().min(1).default('.data'),
  /** redis://, rediss://, redis+sentinel://, redis+cluster:// or a socket path; without it an embedded one */
  REDIS_URL: z.string().min(1).optional(),
  /** a discount that takes longer isn't waited for: the quote goes without it (I9) */
  REDIS_TIMEOUT_MS: whole(10, 60_000).default(300),
  /** postgres://…; without it an embedded PGlite in DATA_DIR */
  DATABASE_URL: z.string().refine(isPostgresUrl, 'must be postgres://user:password@host:port/database').optional(),
  DATABASE_POOL: whole(1, 100).default(10),
  /** every key of ours is derived from it: sessions, quotes, campaign secrets */
  MASTER_KEY: hexKey,
  BANK_URL: bankConfig.shape.baseUrl,
  BANK_NAME: z.string().min(1).default('发牌示范银行'),
  BANK_KEY_ID: bankConfig.shape.keyId,
  /** our SM2 private key and the bank's SM2 public key, hex */
  BANK_PRIVATE_KEY: bankConfig.shape.privateKey,
  BANK_PUBLIC_KEY: bankConfig.shape.bankPublicKey,
  BANK_TIMEOUT_MS: bankConfig.shape.timeoutMs.default(5_000),
  /** how long a slot is kept for its payer; a quote ends LEASE_MARGIN_MS earlier */
  LEASE_TTL_MS: whole(1_000, 3_600_000).default(130_000),
  LEASE_MARGIN_MS: whole(0, 60_000).default(10_000),
  SESSION_TTL_MS: whole(60_000, 86_400_000).default(7_200_000),
  /** 条码支付业务规范: a static code takes ¥500 for each customer each day */
  STATIC_CODE_DAILY_LIMIT_FEN: whole(1, 100_000_000).default(50_000),
  LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
  H5_DIR: z.string().min(1).default('dist/h5'),
  /** tests only: the process kills itself the first time it comes to this point of a payment */
  CRASH_AT: z.enum(CRASH_POINTS).optional(),
})

/** The driver would report a malformed one with its password in it. */
function isPostgresUrl(text: string): boolean {
  return /^postgres(ql)?:\/\//.test(text) && URL.canParse(text)
}

export type Config = Readonly<ReturnType<typeof shape>>

/** Thrown with every fault at once, one a line, naming the variable. */
export class ConfigFaults extends Error {
  override name = 'ConfigFaults'
}

/** Reads and checks the environment. @throws ConfigFaults */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const result = environment.safeParse(given)
  const faults = result.error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) ?? []
  if (env.NODE_ENV === 'production') faults.push(...productionFaults(given))
  const lease = environment.pick({ LEASE_TTL_MS: true, LEASE_MARGIN_MS: true }).safeParse(given).data
  if (lease && lease.LEASE_MARGIN_MS >= lease.LEASE_TTL_MS) faults.push('LEASE_MARGIN_MS: must be below LEASE_TTL_MS')
  if (faults.length > 0 || !result.data)
    throw new ConfigFaults(`the configuration has faults:\n  ${faults.join('\n  ')}`)
  return Object.freeze(shape(result.data))
}

/** What the sandbox stands in for must be real in production. */
function productionFaults(env: Record<string, unknown>): string[] {
  const faults = ['DATABASE_URL', 'REDIS_URL']
    .filter((name) => !env[name])
    .map((name) => `${name}: required in production (the embedded store is for the sandbox)`)
  if (env.CRASH_AT) faults.push('CRASH_AT: refused in production')
  // Log-in by WeChat comes with its channel; until then production has no way to know a payer, and must not pretend to.
  faults.push('NODE_ENV: the log-in of this version is the sandbox’s, which is refused in production')
  return faults
}

function shape(env: z.output<typeof environment>) {
  return {
    production: env.NODE_ENV === 'production',
    host: env.HOST,
    port: env.PORT,
    dataDir: resolve(env.DATA_DIR),
    redisUrl: env.REDIS_URL,
    redisTimeoutMs: env.REDIS_TIMEOUT_MS,
    databaseUrl: env.DATABASE_URL,
    databasePool: env.DATABASE_POOL,
    masterKey: env.MASTER_KEY,
    bank: {
      name: env.BANK_NAME,
      baseUrl: env.BANK_URL,
      keyId: env.BANK_KEY_ID,
      privateKey: env.BANK_PRIVATE_KEY,
      bankPublicKey: env.BANK_PUBLIC_KEY,
      timeoutMs: env.BANK_TIMEOUT_MS,
    },
    limits: {
      leaseTtlMs: env.LEASE_TTL_MS,
      leaseMarginMs: env.LEASE_MARGIN_MS,
      dailyLimitFen: env.STATIC_CODE_DAILY_LIMIT_FEN,
      // The sweeper's first question comes when the pay's own deadline has surely passed.
      firstQueryMs: env.BANK_TIMEOUT_MS + 1_000,
      // Twice the deadline: no pay of ours can still be on its way to the bank.
      closeAfterMs: 2 * env.BANK_TIMEOUT_MS,
    },
    sessionTtlMs: env.SESSION_TTL_MS,
    logLevel: env.LOG_LEVEL,
    h5Dir: resolve(env.H5_DIR),
    crashAt: env.CRASH_AT,
  }
}

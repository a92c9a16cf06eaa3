import { resolve } from 'node:path'
import { z } from 'zod'
import { isPostgresUrl, postgresUrlFault } from './config/address'
import { ALIPAY_VARIABLES, alipayEnvironment, alipayOf } from './config/alipay'
import { bankEnvironment, bankFaults, bankOf } from './config/bank'
import { beaconEnvironment, beaconOf } from './config/beacon'
import { callersEnvironment, callersOf } from './config/callers'
import { changeDelayOf, changeEnvironment, contactOf } from './config/change'
import { keyServiceOf, keysEnvironment, standIns, type Unwrap, wrappedFaults, wrappedIn } from './config/keys'
import { leaseEnvironment, leaseFaults, limitsOf } from './config/lease'
import { operationsEnvironment, operationsFaults, operationsOf } from './config/operations'
import { productionFaults } from './config/production'
import { proxyEnvironment } from './config/proxies'
import { redisEnvironment, redisFaults, redisOf } from './config/redis'
import { sandboxFaults } from './config/sandbox'
import { secondFactorEnvironment, secondFactorRequired } from './config/second-factor'
import { withSecretFiles } from './config/secret-file'
import { unionPayLoginOf } from './config/unionpay'
import { WALLET_GROUPS, walletEnvironment, walletFaults, walletsOf } from './config/wallets'
import { WECHAT_PAIRS, wechatEnvironment, wechatOf } from './config/wechat'
import { WECHATPAY_PAIR } from './config/wechatpay'
import { isSafeUrl } from './domain/address'
import { type CodeKind, type DailyLimits, dailyLimitFen } from './domain/limit'
import { textFault, textFaultMessage, tidied } from './domain/text'
import { CRASH_POINTS } from './flow/payment/crash-point'

/** The only reader of the environment. Every variable is documented here and in docs/OPERATIONS.md. */

const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max)
/** Shown to people: as clean as what operators type. */
const spoken = (max: number) =>
  z
    .string()
    .overwrite(tidied)
    .refine((text) => !textFault(text, 1, max), {
      error: ({ input }) => textFaultMessage(textFault(String(input), 1, max)!, 1, max),
    })

/** Ten years. */
const MAX_SHIFT_MS = 3_652 * 86_400_000

const environment = z.object({
  NODE_ENV: z.enum(['production', 'development', 'test']).default('development'),
  /** on: whoever logs in is who they say, a street of merchants with its campaign is there */
  SANDBOX: z.enum(['on', 'off']).default('off'),
  /** where the BFF listens; 127.0.0.1 unless told otherwise, TLS ends in front of it */
  PORT: whole(0, 65_535).default(8787),
  HOST: z.string().min(1).default('127.0.0.1'),
  ...proxyEnvironment,
  ...operationsEnvironment,
  ...callersEnvironment,
  /** folder of the embedded stores, the sandbox's keys and the sandbox bank's books */
  DATA_DIR: z.string().min(1).default('.data'),
  ...redisEnvironment,
  /** postgres://…; without it an embedded PGlite in DATA_DIR */
  DATABASE_URL: z
    .string()
    .refine(isPostgresUrl, { error: ({ input }) => postgresUrlFault(input) })
    .optional(),
  DATABASE_POOL: whole(1, 100).default(10),
  /** on: nobody else is on the way to a database on another machine, and production may go there unencrypted */
  DATABASE_PLAINTEXT: z.enum(['on', 'off']).default('off'),
  /** how long PostgreSQL works at one statement of the operators' desk; longer ones are refused (docs/OPERATIONS.md) */
  DESK_TIMEOUT_MS: whole(100, 60_000).default(5_000),
  /** transaction: a pooler that lends its sessions for a transaction at a time is in between (docs/OPERATIONS.md) */
  DATABASE_POOLER: z.enum(['none', 'transaction']).default('none'),
  ...keysEnvironment,
  /** sandbox only: the operators maker, checker, auditor, admin and others are there, and have it for a password */
  SANDBOX_PASSWORD: z.string().min(10).max(200).optional(),
  /** sandbox only: everybody has an agreement and the bank never asks: one call pays; the sandbox bank's options too */
  SANDBOX_EASY: z.enum(['on', 'off']).default('off'),
  /** sandbox only, and the sandbox bank's: every text says this code */
  SANDBOX_CODE: z
    .string()
    .regex(/^\d{6}$/, 'must be six digits')
    .optional(),
  /** the bank's single sign-on for operators (OpenID Connect); all of them or none */
  OIDC_ISSUER: z.string().refine(isSafeUrl, 'must be https, or http on this machine').optional(),
  OIDC_CLIENT_ID: z.string().min(1).optional(),
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  /** <our address>/admin/oidc/callback, as registered at the provider */
  OIDC_REDIRECT_URL: z.string().refine(isSafeUrl, 'must be https, or http on this machine').optional(),
  ...secondFactorEnvironment,
  /** what the log-in page calls it */
  OIDC_NAME: spoken(40).default('行内统一登录'),
  ...wechatEnvironment,
  /** on: the bank's app says who its people are, by tickets that the bank signs */
  BANK_APP_TICKETS: z.enum(['on', 'off']).default('off'),
  /** our own address as browsers see it, an origin */
  PUBLIC_URL: z
    .string()
    .refine(isSafeUrl, 'must be https, or http on this machine')
    .transform((text) => new URL(text).origin)
    .optional(),
  ...alipayEnvironment,
  ...walletEnvironment,
  ...changeEnvironment,
  ...beaconEnvironment,
  ...bankEnvironment,
  BANK_NAME: spoken(60).default('发牌示范银行'),
  BANK_COMPLAINTS: spoken(200).optional(),
  ...leaseEnvironment,
  SESSION_TTL_MS: whole(60_000, 86_400_000).default(7_200_000),
  /** 条码支付业务规范: a static code takes ¥500 for each customer each day */
  STATIC_CODE_DAILY_LIMIT_FEN: whole(1, 100_000_000).default(50_000),
  /** for codes made for one payment, of which this version has none: ¥1,000 by one factor, ¥5,000 by two (domain/limit.ts) */
  ONE_FACTOR_DAILY_LIMIT_FEN: whole(1, 100_000_000).default(100_000),
  TWO_FACTOR_DAILY_LIMIT_FEN: whole(1, 100_000_000).default(500_000),
  /** a campaign's largest discount, both shares, is at most so much of its threshold, percent; more is refused */
  DISCOUNT_MAX_PERCENT: whole(1, 100).default(100),
  /** off: another process deals the day's decks (`npm run deal`), or each is dealt for its first payer */
  DEAL_AHEAD: z.enum(['on', 'off']).default('on'),
  /** when yesterday is reconciled, in Shanghai: the bank's statement is ready by then; off: by hand, or by another process */
  RECONCILE_AT: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$|^off$/, 'must be HH:MM or off')
    .default('01:00'),
  /** so long before the channel's cut what isn't in a day's statement may be in the next (日切); before that it is short at once */
  CARRY_OVER_MINUTES: whole(0, 720).default(30),
  /** how far Redis's and the bank's clock may be off the database's before what can't be undone waits */
  CLOCK_TOLERANCE_MS: whole(1_000, 3_600_000).default(30_000),
  /** tests only: so far the clock of the stores is taken to be ahead, so that days pass by starting again */
  CLOCK_SHIFT_MS: whole(-MAX_SHIFT_MS, MAX_SHIFT_MS).default(0),
  LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
  H5_DIR: z.string().min(1).default('dist/h5'),
  /** folder of the files by which WeChat and others see that the address is ours (docs/GO-LIVE.md) */
  VERIFICATION_DIR: z.string().min(1).optional(),
  /** tests only: the process kills itself the first time it comes to this point of a payment */
  CRASH_AT: z.enum(CRASH_POINTS).optional(),
})

export type Config = Readonly<ReturnType<typeof shape>>

/** Thrown with every fault at once, one a line, naming the variable. */
export class ConfigFaults extends Error {
  override name = 'ConfigFaults'
}

type Named = Record<string, string | undefined>

/** Reads and checks the environment, and the files that it names. @throws ConfigFaults */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const named = namedIn(env)
  return checked(named, withSecretFiles(named))
}

/** As readConfig; keys that stand here wrapped are opened by `unwrap`, once nothing else is wrong. @throws ConfigFaults, and as `unwrap` does */
export async function openConfig(unwrap: Unwrap, env: NodeJS.ProcessEnv = process.env): Promise<Config> {
  const named = namedIn(env)
  const secrets = withSecretFiles(named)
  const wrapped = wrappedIn(named)
  if (wrapped.size === 0) return checked(named, secrets)
  const withKeys = (keys: Named) => checked(named, { ...secrets, env: { ...secrets.env, ...keys } })
  const { keyService } = withKeys(standIns(wrapped))
  return withKeys(await unwrap(keyService!, wrapped))
}

function namedIn(env: NodeJS.ProcessEnv): Named {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
}

function checked(named: Named, { env: given, faults: ofFiles }: ReturnType<typeof withSecretFiles>): Config {
  const result = environment.safeParse(given)
  const issues = result.error?.issues.filter(({ path: [name] }) => !ofFiles.has(String(name))) ?? []
  const faults = [...ofFiles.values(), ...issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)]
  if (named.NODE_ENV === 'production') faults.push(...productionFaults(named, given))
  faults.push(...sandboxFaults(given))
  for (const [group, names] of Object.entries(GROUPS)) {
    const absent = names.filter((name) => given[name] === undefined)
    if (absent.length < names.length) faults.push(...absent.map((name) => `${name}: goes with the other ${group}_…`))
  }
  for (const name of ['WECHAT_PAGE_APPID', 'ALIPAY_APP_ID', 'UNIONPAY_QRA_MCH_ID'])
    if (given[name] && !given.PUBLIC_URL) faults.push(`PUBLIC_URL: goes with ${name}`)
  for (const [one, other] of [...WECHAT_PAIRS, WECHATPAY_PAIR])
    if ((given[one] === undefined) !== (given[other] === undefined)) faults.push(`${one}: goes with ${other}`)
  faults.push(...leaseFaults(given), ...operationsFaults(given), ...walletFaults(given), ...bankFaults(given))
  faults.push(...wrappedFaults(given), ...redisFaults(given))
  if (faults.length > 0 || !result.data)
    throw new ConfigFaults(`the configuration has faults:\n  ${firstOfEach(faults).join('\n  ')}`)
  return Object.freeze(shape(result.data))
}

/** One fault for each variable is enough to mend it. */
function firstOfEach(faults: string[]): string[] {
  const nameOf = (fault: string) => fault.split(':')[0]
  return faults.filter((fault, i) => faults.findIndex((other) => nameOf(other) === nameOf(fault)) === i)
}

const GROUPS: Record<string, readonly string[]> = {
  OIDC: ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'OIDC_REDIRECT_URL'],
  ALIPAY: ALIPAY_VARIABLES,
  ...WALLET_GROUPS,
}

function shape(env: z.output<typeof environment>) {
  return {
    production: env.NODE_ENV === 'production',
    sandbox: env.SANDBOX === 'on',
    publicUrl: env.PUBLIC_URL,
    host: env.HOST,
    trustedProxies: env.TRUSTED_PROXIES,
    ...operationsOf(env),
    ...callersOf(env),
    port: env.PORT,
    dataDir: resolve(env.DATA_DIR),
    ...redisOf(env),
    databaseUrl: env.DATABASE_URL,
    databasePool: env.DATABASE_POOL,
    deskTimeoutMs: env.DESK_TIMEOUT_MS,
    databasePooler: env.DATABASE_POOLER === 'none' ? undefined : env.DATABASE_POOLER,
    masterKey: env.MASTER_KEY,
    previousMasterKeys: env.MASTER_KEYS_PREVIOUS,
    keyService: keyServiceOf(env),
    sandboxPassword: env.SANDBOX_PASSWORD,
    oidc: oidcOf(env),
    secondFactorRequired: secondFactorRequired(env),
    wechat: wechatOf(env, LOGIN_TIMEOUT_MS),
    alipay: alipayOf(env, LOGIN_TIMEOUT_MS),
    unionPay: unionPayLoginOf(env, LOGIN_TIMEOUT_MS),
    bankAppTickets: env.BANK_APP_TICKETS === 'on',
    bankName: env.BANK_NAME,
    changeDelayMs: changeDelayOf(env),
    beacon: beaconOf(env),
    ...contactOf(env),
    channels: {
      bank: {
        ...bankOf(env),
        easy: env.SANDBOX === 'on' && env.SANDBOX_EASY === 'on',
        dailyPerPayerFen: dailyLimitFen(dailyLimitsOf(env), CODES, null),
        reconcileFromMs: env.RECONCILE_AT === 'off' ? null : msOf(env.RECONCILE_AT),
      },
      ...walletsOf(env, walletOf(env)),
    },
    limits: limitsOf(env),
    discountMaxPercent: env.DISCOUNT_MAX_PERCENT,
    sessionTtlMs: env.SESSION_TTL_MS,
    dealAhead: env.DEAL_AHEAD === 'on',
    reconcileFromMs: env.RECONCILE_AT === 'off' ? null : msOf(env.RECONCILE_AT),
    carryOverMs: env.CARRY_OVER_MINUTES * 60_000,
    clockToleranceMs: env.CLOCK_TOLERANCE_MS,
    clockShiftMs: env.CLOCK_SHIFT_MS,
    logLevel: env.LOG_LEVEL,
    h5Dir: env.H5_DIR,
    verificationDir: env.VERIFICATION_DIR === undefined ? null : resolve(env.VERIFICATION_DIR),
    crashAt: env.CRASH_AT,
  }
}

/** The codes on merchants' counters, the only ones there are. */
const CODES: CodeKind = 'static'

function dailyLimitsOf(env: z.output<typeof environment>): DailyLimits {
  return {
    staticFen: env.STATIC_CODE_DAILY_LIMIT_FEN,
    oneFactorFen: env.ONE_FACTOR_DAILY_LIMIT_FEN,
    twoFactorFen: env.TWO_FACTOR_DAILY_LIMIT_FEN,
  }
}

/** What every wallet is told besides its own. */
function walletOf(env: z.output<typeof environment>) {
  return {
    publicUrl: env.PUBLIC_URL ?? `http://${env.HOST}:${env.PORT}`,
    weappId: env.WECHAT_APPID,
    clockToleranceMs: env.CLOCK_TOLERANCE_MS,
    dailyPerPayerFen: dailyLimitFen(dailyLimitsOf(env), CODES, null),
    reconcileFromMs: env.RECONCILE_AT === 'off' ? null : msOf(env.RECONCILE_AT),
  }
}

/** Somebody waits for their log-in. */
const LOGIN_TIMEOUT_MS = 5_000

/** `01:30` → ms after midnight. */
function msOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return (hours * 60 + minutes) * 60_000
}

function oidcOf(env: z.output<typeof environment>) {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = env
  const { OIDC_REDIRECT_URL: redirectUrl, OIDC_NAME: name, OIDC_SECOND_FACTOR } = env
  const secondFactor = OIDC_SECOND_FACTOR === 'on'
  return issuer && clientId && clientSecret && redirectUrl
    ? { issuer, clientId, clientSecret, redirectUrl, name, secondFactor }
    : null
}

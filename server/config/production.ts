import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { isLoopback, isSafeUrl } from '../domain/address'
import { isOpenPostgres, isOpenRedis, isPostgresUrl, isWorldsName } from './address'
import { KEYS } from './secrets'
import { isPlaceholderAppId, isWeakKey } from './weak'

/** What production refuses, each by the name of its variable: what is missing, what is the sandbox's or a test's, what is weak. */

type Env = Readonly<Record<string, string | undefined>>

/** `given`: as in the environment; `env`: with the secrets of files in their places. Only what is there is looked at for weakness. */
export function productionFaults(given: Env, env: Env): string[] {
  return [...missing(env), ...ofSandboxOrTest(env), ...openSecrets(given), ...weakKeys(env), ...ofNetwork(env)]
}

const REQUIRED = {
  DATABASE_URL: 'required in production (the embedded store is for the sandbox)',
  REDIS_URL: 'required in production (the embedded store is for the sandbox)',
  PUBLIC_URL: 'required in production: where browsers and platforms find us',
  BANK_NAME: 'required in production: payers read it',
  OPS_PORT: 'required in production: payers must not reach /metrics and /readyz',
}

function missing(env: Env): string[] {
  const faults = Object.entries(REQUIRED).flatMap(([name, why]) => (env[name] ? [] : [`${name}: ${why}`]))
  if (
    !['WECHAT_APPID', 'WECHAT_PAGE_APPID', 'ALIPAY_APP_ID', 'UNIONPAY_QRA_MCH_ID'].some((name) => env[name]) &&
    env.BANK_APP_TICKETS !== 'on'
  )
    faults.push('WECHAT_APPID: required in production (the log-in by name is the sandbox’s)')
  if (!existsSync(join((env.H5_DIR ?? 'dist/h5').split(delimiter)[0]!, 'index.html')))
    faults.push('H5_DIR: has no index.html (npm run build:h5)')
  return faults
}

function ofSandboxOrTest(env: Env): string[] {
  const words = Object.keys(env).filter((name) => name.startsWith('SANDBOX') && env[name] && env[name] !== 'off')
  const faults = [...words, ...['CRASH_AT', 'CLOCK_SHIFT_MS'].filter((name) => env[name])].map(
    (name) => `${name}: refused in production`,
  )
  if (env.RATE_LIMITS === 'off') faults.push('RATE_LIMITS: must be on in production')
  if (env.SECOND_FACTOR === 'off') faults.push('SECOND_FACTOR: on in production, always')
  for (const name of ['BANK_KEY_ID', 'BANK_NAME'])
    if (/sandbox|示范/i.test(env[name] ?? '')) faults.push(`${name}: is the sandbox’s`)
  for (const name of ['WECHAT_APPID', 'WECHAT_PAGE_APPID'])
    if (env[name] && isPlaceholderAppId(env[name])) faults.push(`${name}: is a placeholder`)
  return faults
}

/** What was in the environment was in a start script before, and is in every dump of the process after. */
function openSecrets(given: Env): string[] {
  return KEYS.filter((name) => given[name]).map(
    (name) => `${name}: comes from a file or a program in production, ${name}_FILE or ${name}_COMMAND`,
  )
}

function weakKeys(env: Env): string[] {
  const keys = ['MASTER_KEY', 'BANK_PRIVATE_KEY', 'WECHAT_SECRET', 'WECHAT_PAGE_SECRET', 'NOTIFY_WEBHOOK_SECRET']
  const isWeak = (hex: string) => /^([0-9a-f]{2})+$/i.test(hex) && isWeakKey(Buffer.from(hex, 'hex'))
  const faults = keys.filter((name) => isWeak(env[name] ?? '')).map((name) => `${name}: is no random key`)
  if ((env.MASTER_KEYS_PREVIOUS ?? '').split(/[,\s]+/).some(isWeak))
    faults.push('MASTER_KEYS_PREVIOUS: holds one that is no random key')
  return faults
}

const isLoopbackUrl = (url: string) => URL.canParse(url) && isLoopback(new URL(url).hostname)

function ofNetwork(env: Env): string[] {
  const { DATABASE_URL: database, REDIS_URL: redis, PUBLIC_URL: own, BANK_URL: bank } = env
  const faults: string[] = []
  if (own && isSafeUrl(own) && (!own.startsWith('https:') || !isWorldsName(new URL(own).hostname)))
    faults.push('PUBLIC_URL: must be https and a host that the world knows by name, in production')
  for (const name of ['WECHATPAY_URL', 'WECHATPAY_FRAME_URL'])
    if (env[name] && isLoopbackUrl(env[name])) faults.push(`${name}: is the sandbox’s`)
  if (bank && URL.canParse(bank) && !isSafeUrl(bank) && !isLoopback(new URL(bank).hostname))
    faults.push('BANK_URL: must be https, or http on this machine, in production')
  if (database && isPostgresUrl(database) && isOpenPostgres(database) && env.DATABASE_PLAINTEXT !== 'on')
    faults.push(
      'DATABASE_URL: must have sslmode=verify-full, or DATABASE_PLAINTEXT=on says that nobody else is on the way',
    )
  if (redis && isOpenRedis(redis) && env.REDIS_PLAINTEXT !== 'on')
    faults.push('REDIS_URL: must be rediss://, or REDIS_PLAINTEXT=on says that nobody else is on the way')
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0')
    faults.push('NODE_TLS_REJECT_UNAUTHORIZED: refused in production: whoever answers would be believed')
  return faults
}

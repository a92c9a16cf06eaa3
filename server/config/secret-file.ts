import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'

/** Secrets that may be given by a file, `<name>_FILE`: an environment is inherited, listed and dumped, a file is its reader's. */
export const KEYS = [
  'MASTER_KEY',
  'MASTER_KEYS_PREVIOUS',
  'BANK_PRIVATE_KEY',
  'BANK_CLIENT_KEY',
  'OIDC_CLIENT_SECRET',
  'WECHAT_SECRET',
  'WECHAT_PAGE_SECRET',
  'ALIPAY_PRIVATE_KEY',
  'ALIPAY_APP_AUTH_TOKEN',
  'UNIONPAY_PRIVATE_KEY',
  'UNIONPAY_QRA_PRIVATE_KEY',
  'WECHATPAY_PRIVATE_KEY',
  'WECHATPAY_API_V3_KEY',
  'WECHATPAY_API_V2_KEY',
  'NOTIFY_WEBHOOK_SECRET',
  'NOTIFY_WECOM_URL',
  'KMS_TOKEN',
] as const

/** The addresses of the stores hold passwords; where those come by a socket's owner or a certificate, they hold none. */
const SECRETS = [...KEYS, 'DATABASE_URL', 'REDIS_URL']

/** These may be a program's to give, `<name>_COMMAND`: the client of a KMS or an HSM, so that they lie in no file of this machine. */
const BY_COMMAND: readonly string[] = ['MASTER_KEY', 'MASTER_KEYS_PREVIOUS', 'BANK_CLIENT_KEY']
/** Nothing starts without it, and nothing waits for it for ever. */
const COMMAND_MS = 30_000

type Env = Record<string, string | undefined>

/** More is no secret but some other file. */
const MAX_BYTES = 16 * 1024

/** The environment with each secret in place of its file's name, and what is wrong with the files; no fault quotes a file. */
export function withSecretFiles(env: Env): { env: Env; faults: Map<string, string> } {
  const read = { ...env }
  const faults = new Map<string, string>()
  for (const name of SECRETS) {
    const take = (from: '_FILE' | '_COMMAND', secretOf: (path: string) => string | { fault: string }) => {
      const path = env[`${name}${from}`]
      if (path === undefined) return
      const secret = read[name] === undefined ? secretOf(path) : { fault: `goes without ${name} from anywhere else` }
      if (typeof secret === 'string') read[name] = secret
      else faults.set(name, `${name}${from}: ${secret.fault}`)
    }
    take('_FILE', contentOf)
    if (BY_COMMAND.includes(name)) take('_COMMAND', outputOf)
    const twice = env[`${name}_WRAPPED`] !== undefined && read[name] !== undefined
    if (twice) faults.set(name, `${name}_WRAPPED: goes without ${name} from anywhere else`)
  }
  return { env: read, faults }
}

/** Run as it stands: a path, no words after it and no shell. What it complains of is its own, and on our standard error. */
function outputOf(path: string): string | { fault: string } {
  try {
    const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit']
    const text = execFileSync(path, { encoding: 'utf8', timeout: COMMAND_MS, maxBuffer: MAX_BYTES, stdio }).trim()
    return text === '' ? { fault: 'gives nothing' } : text
  } catch (error) {
    const { code, status } = error as { code?: string; status?: number | null }
    return { fault: `fails (${code ?? status ?? 'killed'})` }
  }
}

/** Without the line end that editors leave. */
export function contentOf(path: string): string | { fault: string } {
  try {
    const { mode, size } = statSync(path)
    if ((mode & 0o170000) !== 0o100000) return { fault: 'is no file' }
    // A group may: that is how a service is lent a secret that it doesn't own.
    if ((mode & 0o007) !== 0) return { fault: `is open to everybody on this machine (chmod ${octal(mode & 0o770)})` }
    if (size > MAX_BYTES) return { fault: 'is too large for a secret' }
    const text = readFileSync(path, 'utf8').trim()
    return text === '' ? { fault: 'is empty' } : text
  } catch (error) {
    return { fault: `can't be read (${(error as NodeJS.ErrnoException).code})` }
  }
}

const octal = (mode: number) => mode.toString(8).padStart(4, '0')

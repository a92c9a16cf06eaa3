import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { isLoopback, isSafeUrl } from '../domain/address'
import { certificatesOf } from './certificates'
import { WRAPPABLE, type Wrappable } from './secrets'

/** Keys that stand here wrapped, `<name>_WRAPPED`, are opened at the start by a key service, and lie nowhere. */

/** As a transit engine writes it; what is no such text needn't be asked about. */
const WRAPPED = /^vault:v\d{1,9}:[A-Za-z0-9+/]{20,1000}={0,2}$/
const wrapped = z.string().regex(WRAPPED, 'must be as the key service wraps: vault:v1:…')
const listed = (text: string) => text.split(/[,\s]+/).filter((one) => one !== '')

const hexKey = z
  .string()
  .regex(/^[0-9a-f]{64}$/i, 'must be 32 bytes in hex')
  .transform((hex) => Buffer.from(hex, 'hex'))

export const keysEnvironment = {
  /** every key of ours is derived from it: sessions, quotes, campaign secrets */
  MASTER_KEY: hexKey,
  /** keys that MASTER_KEY replaced, separated by commas: what they made stays valid (docs/OPERATIONS.md) */
  MASTER_KEYS_PREVIOUS: z.string().default('').transform(listed).pipe(z.array(hexKey)),
  MASTER_KEY_WRAPPED: wrapped.optional(),
  MASTER_KEYS_PREVIOUS_WRAPPED: z.string().transform(listed).pipe(z.array(wrapped)).optional(),
  BANK_PRIVATE_KEY_WRAPPED: wrapped.optional(),
  /** a Vault or an OpenBao, as far as before /v1 */
  KMS_URL: z.string().refine(isSafeUrl, 'must be https, or http on this machine').optional(),
  /** the path of its transit engine */
  KMS_MOUNT: z
    .string()
    .regex(/^[\w-]+(\/[\w-]+)*$/, 'must be the path of a transit engine')
    .default('transit'),
  /** the name of the key by which ours are wrapped */
  KMS_KEY: z
    .string()
    .regex(/^\w([\w.-]*\w)?$/, 'must be the name of a key')
    .optional(),
  /** what lets us ask; a secret like every other (secrets.ts) */
  KMS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{1,4096}$/, 'must be a token')
    .optional(),
  KMS_NAMESPACE: z
    .string()
    .regex(/^[\w./-]{1,200}$/, 'must be a namespace')
    .optional(),
  /** PEM: the only authorities that its certificate may be of; without it node's own */
  KMS_CA_FILE: z.string().transform(certificatesOf).optional(),
  /** one call; it is asked for a minute while it is away */
  KMS_TIMEOUT_MS: z.coerce.number().int().min(100).max(60_000).default(5_000),
}

type Env = Readonly<Record<string, string | undefined>>
export type WrappedKeys = ReadonlyMap<Wrappable, readonly string[]>

/** What stands here wrapped; a list has several. */
export function wrappedIn(env: Env): WrappedKeys {
  return new Map(
    WRAPPABLE.flatMap((name) => {
      const text = env[`${name}_WRAPPED`]
      return text === undefined ? [] : [[name, listed(text)] as const]
    }),
  )
}

/** In the place of keys that aren't open yet, so that whatever else is wrong is said before anybody is asked. Nothing is ever made by them. */
export function standIns(keys: WrappedKeys): Record<string, string> {
  return Object.fromEntries([...keys.keys()].map((name) => [name, randomBytes(32).toString('hex')]))
}

/** `env`: with the secrets of files in their places. */
export function wrappedFaults(env: Env): string[] {
  const [name] = wrappedIn(env).keys()
  const { KMS_URL: url, KMS_KEY: key, KMS_TOKEN: token } = env
  if (url === undefined) return name === undefined ? [] : [`KMS_URL: goes with ${name}_WRAPPED`]
  const faults = key === undefined ? ['KMS_KEY: goes with KMS_URL'] : []
  const agent = URL.canParse(url) && isLoopback(new URL(url).hostname)
  if (token === undefined && !agent) faults.push('KMS_TOKEN: goes with a KMS_URL that is no agent on this machine')
  return faults
}

export function keyServiceOf(env: z.output<z.ZodObject<typeof keysEnvironment>>) {
  const { KMS_URL: url, KMS_KEY: key, KMS_MOUNT: mount, KMS_TOKEN: token, KMS_NAMESPACE: namespace } = env
  if (url === undefined || key === undefined) return null
  return { url, mount, key, token, namespace, ca: env.KMS_CA_FILE, timeoutMs: env.KMS_TIMEOUT_MS }
}

export type KeyServiceConfig = NonNullable<ReturnType<typeof keyServiceOf>>
/** The keys in hex, a list of them separated by commas. */
export type Unwrap = (service: KeyServiceConfig, keys: WrappedKeys) => Promise<Record<string, string>>

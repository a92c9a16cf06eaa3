import { z } from 'zod'
import { ACCOUNT, type AlipayConfig, certificatesOf } from '../channel/alipay/schema'
import { isSafeUrl } from '../domain/address'
import { certificatesOf as pemOf } from './certificates'
import { rsaKey } from './rsa-key'

/** What log-in and payment by Alipay need to be told; both of the app's or none, and Alipay's key, or the certificates instead. */
export const ALIPAY_VARIABLES = ['ALIPAY_APP_ID', 'ALIPAY_PRIVATE_KEY'] as const
const CERTIFICATES = ['ALIPAY_APP_CERT_FILE', 'ALIPAY_CERT_FILE', 'ALIPAY_ROOT_CERT_FILE'] as const

const address = z.string().refine(isSafeUrl, 'must be https, or http on this machine')

export const alipayEnvironment = {
  ALIPAY_APP_ID: z
    .string()
    .regex(/^\d{16}$/, 'must be 16 digits')
    .optional(),
  /** ours and Alipay's, RSA of 2048 bits or more: PEM, or the base64 that Alipay's tools write */
  ALIPAY_PRIVATE_KEY: rsaKey('private').optional(),
  ALIPAY_PUBLIC_KEY: rsaKey('public').optional(),
  /** certificate mode (公钥证书方式), instead of ALIPAY_PUBLIC_KEY: PEM files of ours, Alipay's, and its roots */
  ALIPAY_APP_CERT_FILE: z.string().transform(pemOf).optional(),
  ALIPAY_CERT_FILE: z.string().transform(pemOf).optional(),
  ALIPAY_ROOT_CERT_FILE: z.string().transform(pemOf).optional(),
  /** for whom our app acts as a service provider (ISV), and the mini-program under which trades are made */
  ALIPAY_APP_AUTH_TOKEN: z
    .string()
    .regex(/^\w{10,128}$/, 'must be 10 to 128 letters and digits')
    .optional(),
  ALIPAY_OP_APP_ID: z
    .string()
    .regex(/^\d{16}$/, 'must be 16 digits')
    .optional(),
  ALIPAY_GATEWAY_URL: address.default('https://openapi.alipay.com/gateway.do'),
  ALIPAY_OPEN_URL: address.default('https://openauth.alipay.com'),
  /** the bank's own account there, which is paid for all merchants: with it one can pay by Alipay */
  ALIPAY_SELLER_ID: z.string().regex(ACCOUNT, 'must be 2088 and 12 digits').optional(),
  ALIPAY_TIMEOUT_MS: z.coerce.number().int().min(100).max(60_000).default(5_000),
  /** how long a payer may take before the payment is closed at Alipay */
  ALIPAY_PAY_WITHIN_MS: z.coerce.number().int().min(1_000).max(7_200_000).default(300_000),
}

/** What goes with what; of certificates, whether they fit one another now. */
export function alipayFaults(env: Readonly<Record<string, unknown>>): string[] {
  const faults: string[] = []
  const given = CERTIFICATES.filter((name) => env[name] !== undefined)
  for (const name of ['ALIPAY_SELLER_ID', 'ALIPAY_PUBLIC_KEY', 'ALIPAY_APP_AUTH_TOKEN', 'ALIPAY_OP_APP_ID', ...given])
    if (env[name] && !env.ALIPAY_APP_ID) faults.push(`ALIPAY_APP_ID: goes with ${name}`)
  if (given.length > 0) {
    const absent = CERTIFICATES.filter((name) => env[name] === undefined)
    faults.push(...absent.map((name) => `${name}: goes with the other certificates`))
    if (env.ALIPAY_PUBLIC_KEY) faults.push('ALIPAY_PUBLIC_KEY: goes without certificates')
    else if (absent.length === 0) faults.push(...unfit(env))
  } else if (env.ALIPAY_APP_ID && !env.ALIPAY_PUBLIC_KEY) faults.push('ALIPAY_PUBLIC_KEY: goes with the other ALIPAY_…')
  return faults
}

type Env = z.output<z.ZodObject<typeof alipayEnvironment>>

const NAMES = { app: 'ALIPAY_APP_CERT_FILE', alipay: 'ALIPAY_CERT_FILE', root: 'ALIPAY_ROOT_CERT_FILE' } as const

/** Of what isn't even certificates something is said already. */
function unfit(env: Readonly<Record<string, unknown>>): string[] {
  const { ALIPAY_PRIVATE_KEY, ALIPAY_APP_CERT_FILE, ALIPAY_CERT_FILE, ALIPAY_ROOT_CERT_FILE } = alipayEnvironment
  const files = { ALIPAY_PRIVATE_KEY, ALIPAY_APP_CERT_FILE, ALIPAY_CERT_FILE, ALIPAY_ROOT_CERT_FILE }
  const read = z.object(files).safeParse(env).data
  const found = read && certificatesIn(read)
  return found && 'fault' in found ? [`${NAMES[found.of]}: ${found.fault}`] : []
}

type Files = Partial<Pick<Env, 'ALIPAY_PRIVATE_KEY' | (typeof CERTIFICATES)[number]>>

/** Undefined: there are none. */
function certificatesIn(env: { [name in keyof Files]?: Files[name] | undefined }) {
  const { ALIPAY_PRIVATE_KEY: privateKey } = env
  const { ALIPAY_APP_CERT_FILE: app, ALIPAY_CERT_FILE: alipay, ALIPAY_ROOT_CERT_FILE: root } = env
  return privateKey && app && alipay && root ? certificatesOf({ app, alipay, root, privateKey }, Date.now()) : undefined
}

/** How both sides are known to one another; undefined: there is no Alipay here. */
function keysOf(env: Env) {
  const { ALIPAY_APP_ID: appId, ALIPAY_PRIVATE_KEY: privateKey, ALIPAY_PUBLIC_KEY: alipayKey } = env
  if (!appId || !privateKey) return undefined
  if (alipayKey) return { appId, privateKey, alipayKey }
  const read = certificatesIn(env)
  if (!read || 'fault' in read) return undefined
  const { appCertSn, rootCertSn, ...known } = read
  return { appId, privateKey, ...known, besides: { app_cert_sn: appCertSn, alipay_root_cert_sn: rootCertSn } }
}

/** Undefined: nobody pays by Alipay here. Its bill is ready at ten in the morning, if days are reconciled by themselves. */
export function alipayPayOf(
  env: Env,
  around: Pick<AlipayConfig, 'publicUrl' | 'clockToleranceMs' | 'dailyPerPayerFen' | 'reconcileFromMs'>,
): AlipayConfig | undefined {
  const { ALIPAY_SELLER_ID: sellerId, ALIPAY_APP_AUTH_TOKEN: token } = env
  const { publicUrl, clockToleranceMs, dailyPerPayerFen } = around
  const keys = keysOf(env)
  if (!keys || !sellerId) return undefined
  return {
    ...keys,
    besides: { ...('besides' in keys && keys.besides), ...(token !== undefined && { app_auth_token: token }) },
    opAppId: env.ALIPAY_OP_APP_ID,
    ...{ sellerId, publicUrl, clockToleranceMs, dailyPerPayerFen },
    gatewayUrl: env.ALIPAY_GATEWAY_URL,
    timeoutMs: env.ALIPAY_TIMEOUT_MS,
    payWithinMs: env.ALIPAY_PAY_WITHIN_MS,
    reconcileFromMs: around.reconcileFromMs === null ? null : BILL_READY_MS,
  }
}

const BILL_READY_MS = 10 * 3_600_000

/** Null: there is no log-in by Alipay here. */
export function alipayOf(env: Env, timeoutMs: number) {
  const { ALIPAY_GATEWAY_URL: url, ALIPAY_OPEN_URL: openUrl } = env
  const keys = keysOf(env)
  return keys ? { ...keys, url, openUrl, timeoutMs } : null
}

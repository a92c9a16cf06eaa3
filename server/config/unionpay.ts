import type { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { authoritiesOf, MER_ID, type UnionPayConfig } from '../channel/unionpay/schema'
import { isSafeUrl } from '../domain/address'
import { rsaKey } from './rsa-key'

/** What the channel needs to be told, and what log-in in UnionPay's apps does; each all of it or none. */
export const UNIONPAY_VARIABLES = ['UNIONPAY_MER_ID', 'UNIONPAY_CERT_ID', 'UNIONPAY_PRIVATE_KEY', 'UNIONPAY_CA_FILE']
export const UNIONPAY_QRA_VARIABLES = ['UNIONPAY_QRA_MCH_ID', 'UNIONPAY_QRA_PRIVATE_KEY', 'UNIONPAY_QRA_PUBLIC_KEY']

const address = z.string().refine(isSafeUrl, 'must be https, or http on this machine')
const MINI_PROGRAM_PATH = '/pages/CQPApplet/index'

export const unionPayEnvironment = {
  /** the group (集团商户) whose statement holds the rows of all merchants */
  UNIONPAY_MER_ID: z.string().regex(MER_ID, 'must be 15 letters and digits').optional(),
  /** the serial number of our signing certificate, decimal, and its key: PEM */
  UNIONPAY_CERT_ID: z
    .string()
    .regex(/^\d{1,49}$/, 'must be digits')
    .optional(),
  UNIONPAY_PRIVATE_KEY: rsaKey('private').optional(),
  /** PEM: the root and what is between it and the certificates that answers are signed by */
  UNIONPAY_CA_FILE: z.string().transform(authoritiesIn).optional(),
  /** whom those certificates name */
  UNIONPAY_OWNER: z.string().min(1).max(100).default('中国银联股份有限公司'),
  UNIONPAY_URL: address.default('https://gateway.95516.com'),
  UNIONPAY_FILES_URL: address.default('https://filedownload.95516.com'),
  UNIONPAY_TIMEOUT_MS: z.coerce.number().int().min(100).max(60_000).default(5_000),
  /** how long a person may take to pay */
  UNIONPAY_PAY_WITHIN_MS: z.coerce.number().int().min(1_000).max(1_800_000).default(300_000),
  /** UnionPay's mini-program: payers in our own can jump to it */
  UNIONPAY_MINI_PROGRAM_APPID: z
    .string()
    .regex(/^wx[0-9a-f]{16}$/, 'must be wx and 16 hex digits')
    .optional(),
  /** of the front end for codes, which says who a payer in UnionPay's apps is */
  UNIONPAY_QRA_MCH_ID: z
    .string()
    .regex(/^QRA[0-9A-Z]{12}$/, 'must be QRA and 12 letters and digits')
    .optional(),
  UNIONPAY_QRA_PRIVATE_KEY: rsaKey('private').optional(),
  UNIONPAY_QRA_PUBLIC_KEY: rsaKey('public').optional(),
  UNIONPAY_QRA_URL: address.default('https://qra.95516.com/pay/gateway'),
  UNIONPAY_OPEN_URL: address.default('https://qr.95516.com'),
}

type Env = z.output<z.ZodObject<typeof unionPayEnvironment>>

/** Undefined: the house has no such channel. `publicUrl`: ours, where UnionPay tells what became definite. */
export function unionPayOf(
  env: Env,
  around: Pick<UnionPayConfig, 'clockToleranceMs' | 'dailyPerPayerFen' | 'reconcileFromMs'> & {
    publicUrl: string
    weappId: string | undefined
  },
): UnionPayConfig | undefined {
  const { publicUrl, weappId, ...limits } = around
  const { UNIONPAY_MER_ID: merId, UNIONPAY_CERT_ID: certId, UNIONPAY_PRIVATE_KEY: privateKey } = env
  const { UNIONPAY_CA_FILE: authorities, UNIONPAY_MINI_PROGRAM_APPID: appId } = env
  if (!merId || !certId || !privateKey || !authorities) return undefined
  return {
    ...limits,
    baseUrl: env.UNIONPAY_URL,
    filesUrl: env.UNIONPAY_FILES_URL,
    privateKey,
    certId,
    merId,
    authorities,
    owner: env.UNIONPAY_OWNER,
    notifyUrl: `${publicUrl}/channel/unionpay/notify`,
    miniProgram: appId && weappId ? { appId, path: MINI_PROGRAM_PATH, from: weappId } : null,
    timeoutMs: env.UNIONPAY_TIMEOUT_MS,
    payWithinMs: env.UNIONPAY_PAY_WITHIN_MS,
  }
}

/** Null: nobody logs in by it here. */
export function unionPayLoginOf(env: Env, timeoutMs: number) {
  const { UNIONPAY_QRA_MCH_ID: mchId, UNIONPAY_QRA_PRIVATE_KEY: privateKey, UNIONPAY_QRA_PUBLIC_KEY: unionPayKey } = env
  const { UNIONPAY_QRA_URL: url, UNIONPAY_OPEN_URL: openUrl } = env
  return mchId && privateKey && unionPayKey ? { mchId, privateKey, unionPayKey, url, openUrl, timeoutMs } : null
}

function authoritiesIn(path: string, context: z.RefinementCtx): X509Certificate[] {
  try {
    const found = authoritiesOf(readFileSync(path, 'utf8'))
    if (found) return found
  } catch {
    // the message says it
  }
  context.addIssue({ code: 'custom', message: 'must be a file of certificates (PEM), a root among them' })
  return z.NEVER
}

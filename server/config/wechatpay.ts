import { z } from 'zod'
import type { WechatpayConfig } from '../channel/wechatpay/schema'
import { isSafeUrl } from '../domain/address'
import { rsaKey } from './rsa-key'

/** What WeChat Pay needs to be told; all of the first or none, and of the public key both or neither. */
export const WECHATPAY_VARIABLES = [
  'WECHATPAY_MCHID',
  'WECHATPAY_SERIAL',
  'WECHATPAY_PRIVATE_KEY',
  'WECHATPAY_API_V3_KEY',
] as const
export const WECHATPAY_PAIR = ['WECHATPAY_PUBLIC_KEY_ID', 'WECHATPAY_PUBLIC_KEY'] as const

/** The sandbox's, where everybody is who they say and no app of WeChat's is named. */
export const SANDBOX_APP_ID = 'wx00000000fa9a1001'

export const wechatpayEnvironment = {
  /** the service provider's number (sp_mchid), the serial of its API certificate, that one's key (PEM), and its API v3 key */
  WECHATPAY_MCHID: z
    .string()
    .regex(/^\d{8,10}$/, 'must be 8 to 10 digits')
    .optional(),
  WECHATPAY_SERIAL: z
    .string()
    .regex(/^[0-9A-F]{8,64}$/, 'must be hex digits in upper case')
    .optional(),
  WECHATPAY_PRIVATE_KEY: rsaKey('private').optional(),
  WECHATPAY_API_V3_KEY: z
    .string()
    .regex(/^[\x21-\x7e]{32}$/, 'must be 32 characters')
    .optional(),
  /** its API v2 key, where WeChat Pay's page after a payment shows our receipt (点金计划, 商家小票) */
  WECHATPAY_API_V2_KEY: z
    .string()
    .regex(/^[0-9A-Za-z]{32}$/, 'must be 32 letters and digits')
    .optional(),
  WECHATPAY_FRAME_URL: z
    .string()
    .refine(isSafeUrl, 'must be https, or http on this machine')
    .transform((text) => new URL(text).origin)
    .default('https://payapp.weixin.qq.com'),
  /** WeChat Pay's public key and its id; without them platform certificates alone are believed, which are fetched */
  WECHATPAY_PUBLIC_KEY_ID: z
    .string()
    .regex(/^PUB_KEY_ID_\w{1,64}$/, 'must begin with PUB_KEY_ID_')
    .optional(),
  WECHATPAY_PUBLIC_KEY: rsaKey('public').optional(),
  WECHATPAY_URL: z
    .string()
    .refine(isSafeUrl, 'must be https, or http on this machine')
    .default('https://api.mch.weixin.qq.com'),
  WECHATPAY_TIMEOUT_MS: z.coerce.number().int().min(100).max(60_000).default(5_000),
  /** how long a payer may take; then the order is closed at WeChat Pay. It takes two hours at the most */
  WECHATPAY_PAY_WITHIN_MS: z.coerce.number().int().min(1_000).max(7_200_000).default(300_000),
  /** when yesterday's bill is asked for, in Shanghai; it is ready at 10:00 */
  WECHATPAY_RECONCILE_AT: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$|^off$/, 'must be HH:MM or off')
    .default('10:30'),
}

type Env = z.output<z.ZodObject<typeof wechatpayEnvironment>>

/** Undefined: nobody pays by it here. `appIds`: by which payers log in. */
export function wechatpayOf(
  env: Env,
  around: { appIds: string[]; publicUrl: string; dailyPerPayerFen: number },
): WechatpayConfig | undefined {
  const { WECHATPAY_MCHID: mchId, WECHATPAY_SERIAL: serial, WECHATPAY_PRIVATE_KEY: privateKey } = env
  const { WECHATPAY_API_V3_KEY: apiV3Key, WECHATPAY_PUBLIC_KEY_ID: id, WECHATPAY_PUBLIC_KEY: key } = env
  const { appIds, publicUrl, dailyPerPayerFen } = around
  if (!mchId || !serial || !privateKey || !apiV3Key) return undefined
  return {
    baseUrl: env.WECHATPAY_URL,
    mchId,
    serial,
    privateKey,
    apiV3Key: Buffer.from(apiV3Key),
    apiV2Key: env.WECHATPAY_API_V2_KEY ?? null,
    frameOrigin: env.WECHATPAY_FRAME_URL,
    publicKey: id && key ? { id, key } : null,
    appIds,
    notifyUrl: `${publicUrl}/channel/wechatpay/notify`,
    timeoutMs: env.WECHATPAY_TIMEOUT_MS,
    payWithinMs: env.WECHATPAY_PAY_WITHIN_MS,
    dailyPerPayerFen,
    reconcileFromMs: env.WECHATPAY_RECONCILE_AT === 'off' ? null : msOf(env.WECHATPAY_RECONCILE_AT),
  }
}

/** `10:30` → ms after midnight. */
function msOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return (hours * 60 + minutes) * 60_000
}

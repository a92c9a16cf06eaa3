import { z } from 'zod'
import { ACCOUNT, type AlipayConfig } from '../channel/alipay/schema'
import { isSafeUrl } from '../domain/address'
import { rsaKey } from './rsa-key'

/** What log-in and payment by Alipay need to be told; all three of the app's or none. */
export const ALIPAY_VARIABLES = ['ALIPAY_APP_ID', 'ALIPAY_PRIVATE_KEY', 'ALIPAY_PUBLIC_KEY'] as const

const address = z.string().refine(isSafeUrl, 'must be https, or http on this machine')

export const alipayEnvironment = {
  ALIPAY_APP_ID: z
    .string()
    .regex(/^\d{16}$/, 'must be 16 digits')
    .optional(),
  /** ours and Alipay's, RSA of 2048 bits or more: PEM, or the base64 that Alipay's tools write */
  ALIPAY_PRIVATE_KEY: rsaKey('private').optional(),
  ALIPAY_PUBLIC_KEY: rsaKey('public').optional(),
  ALIPAY_GATEWAY_URL: address.default('https://openapi.alipay.com/gateway.do'),
  ALIPAY_OPEN_URL: address.default('https://openauth.alipay.com'),
  /** the bank's own account there, which is paid for all merchants: with it one can pay by Alipay */
  ALIPAY_SELLER_ID: z.string().regex(ACCOUNT, 'must be 2088 and 12 digits').optional(),
  ALIPAY_TIMEOUT_MS: z.coerce.number().int().min(100).max(60_000).default(5_000),
  /** how long a payer may take before the payment is closed at Alipay */
  ALIPAY_PAY_WITHIN_MS: z.coerce.number().int().min(1_000).max(7_200_000).default(300_000),
}

/** What it goes with. */
export function alipayFaults(env: Readonly<Record<string, unknown>>): string[] {
  return env.ALIPAY_SELLER_ID && !env.ALIPAY_APP_ID ? ['ALIPAY_APP_ID: goes with ALIPAY_SELLER_ID'] : []
}

type Env = z.output<z.ZodObject<typeof alipayEnvironment>>

/** Undefined: nobody pays by Alipay here. Its bill is ready at ten in the morning, if days are reconciled by themselves. */
export function alipayPayOf(
  env: Env,
  around: Pick<AlipayConfig, 'publicUrl' | 'clockToleranceMs' | 'dailyPerPayerFen' | 'reconcileFromMs'>,
): AlipayConfig | undefined {
  const { ALIPAY_APP_ID: appId, ALIPAY_PRIVATE_KEY: privateKey, ALIPAY_PUBLIC_KEY: alipayKey } = env
  const { ALIPAY_SELLER_ID: sellerId } = env
  const { publicUrl, clockToleranceMs, dailyPerPayerFen } = around
  if (!appId || !privateKey || !alipayKey || !sellerId) return undefined
  return {
    ...{ appId, privateKey, alipayKey, sellerId },
    ...{ publicUrl, clockToleranceMs, dailyPerPayerFen },
    gatewayUrl: env.ALIPAY_GATEWAY_URL,
    timeoutMs: env.ALIPAY_TIMEOUT_MS,
    payWithinMs: env.ALIPAY_PAY_WITHIN_MS,
    reconcileFromMs: around.reconcileFromMs === null ? null : BILL_READY_MS,
  }
}

const BILL_READY_MS = 10 * 3_600_000

/** Null: there is no log-in by Alipay here. */
export function alipayOf(env: Env, timeoutMs: number) {
  const { ALIPAY_APP_ID: appId, ALIPAY_PRIVATE_KEY: privateKey, ALIPAY_PUBLIC_KEY: alipayKey } = env
  const { ALIPAY_GATEWAY_URL: url, ALIPAY_OPEN_URL: openUrl } = env
  return appId && privateKey && alipayKey ? { appId, privateKey, alipayKey, url, openUrl, timeoutMs } : null
}

import { z } from 'zod'
import { isSafeUrl } from '../domain/address'
import { rsaKey } from './rsa-key'

/** What log-in by Alipay needs to be told; all three of the app's or none. */
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
}

/** Null: there is no log-in by Alipay here. */
export function alipayOf(env: z.output<z.ZodObject<typeof alipayEnvironment>>, timeoutMs: number) {
  const { ALIPAY_APP_ID: appId, ALIPAY_PRIVATE_KEY: privateKey, ALIPAY_PUBLIC_KEY: alipayKey } = env
  const { ALIPAY_GATEWAY_URL: url, ALIPAY_OPEN_URL: openUrl } = env
  return appId && privateKey && alipayKey ? { appId, privateKey, alipayKey, url, openUrl, timeoutMs } : null
}

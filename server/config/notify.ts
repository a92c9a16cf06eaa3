import { z } from 'zod'
import { isSafeUrl } from '../domain/address'

/** Where operators are told of something outside of the console (docs/OPERATIONS.md): our configuration's alone, never anybody's input. */
export const notifyEnvironment = {
  /** a receiver of the bank's own, and the key by which it knows us */
  NOTIFY_WEBHOOK_URL: z.string().refine(isSafeUrl, 'must be https, or http on this machine').optional(),
  NOTIFY_WEBHOOK_SECRET: z
    .string()
    .regex(/^[0-9a-f]{64,}$/i, 'must be 32 bytes or more in hex')
    .transform((hex) => Buffer.from(hex, 'hex'))
    .optional(),
  /** the webhook of a robot in a group of 企业微信; it holds the robot's key */
  NOTIFY_WECOM_URL: z.string().refine(isSafeUrl, 'must be https, or http on this machine').optional(),
}

export function notifyFaults(env: Record<string, string | undefined>): string[] {
  const { NOTIFY_WEBHOOK_URL: url, NOTIFY_WEBHOOK_SECRET: secret } = env
  if (url !== undefined && secret === undefined) return ['NOTIFY_WEBHOOK_SECRET: goes with NOTIFY_WEBHOOK_URL']
  return url === undefined && secret !== undefined ? ['NOTIFY_WEBHOOK_URL: goes with NOTIFY_WEBHOOK_SECRET'] : []
}

export function notifyOf(env: z.output<z.ZodObject<typeof notifyEnvironment>>) {
  const { NOTIFY_WEBHOOK_URL: url, NOTIFY_WEBHOOK_SECRET: secret, NOTIFY_WECOM_URL: wecomUrl } = env
  return { webhook: url !== undefined && secret ? { url, secret } : null, wecomUrl: wecomUrl ?? null }
}

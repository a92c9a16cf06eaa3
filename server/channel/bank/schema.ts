import { z } from 'zod'
import { isSafeUrl } from '../../domain/address'
import { VERIFICATIONS } from '../../domain/channel'
import { challengeReply } from './action'
import { isPrivateKey, isPublicKey } from './sign'

const publicKey = z
  .string()
  .refine(isPublicKey, 'not an SM2 public key: 04 and 128 hex characters, a point of the curve')

/** What the bank channel needs to be told; server/config.ts reads it. */
export const bankConfig = z.object({
  baseUrl: z
    .string()
    .refine(isSafeUrl, 'must be https, or http on this machine')
    .describe("the bank's front end, e.g. https://bank.example/fapai"),
  keyId: z
    .string()
    .regex(/^[\x21-\x7e]{1,64}$/)
    .describe('the name under which the bank knows our public key'),
  privateKey: z
    .string()
    .refine(isPrivateKey, 'not an SM2 private key: 64 hex characters')
    .describe('our SM2 private key'),
  bankPublicKey: publicKey.describe("the bank's SM2 public key, to which envelopes are made as well"),
  bankPublicKeyNext: publicKey.optional().describe('another one that it may sign with: the next, while it changes'),
  timeoutMs: z.coerce.number().int().min(100).max(60_000).describe('how long one call may take in all, ms'),
})
export type BankConfig = z.infer<typeof bankConfig>

/** Those that the bank may sign with. */
export function bankKeys({
  bankPublicKey,
  bankPublicKeyNext,
}: Pick<BankConfig, 'bankPublicKey' | 'bankPublicKeyNext'>): string[] {
  return bankPublicKeyNext === undefined ? [bankPublicKey] : [bankPublicKey, bankPublicKeyNext]
}

/** Merchants' and GL accounts as the bank's instructions take them (docs/bank-channel.md). */
export const bankAccount = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)

const orderNo = z.string()

/** The clearing or refund as the bank has it; absent only where it never saw one. */
const seen = { amountFen: z.int(), currency: z.string(), payee: z.string() }
export const seenReply = z.object(seen)

/** What the bank says of one clearing, with status 200. Unknown fields are left aside: the bank may add some. */
export const clearingReply = z.discriminatedUnion('state', [
  z.object({
    orderNo,
    state: z.literal('succeeded'),
    channelTradeNo: z.string().min(1).max(64),
    verification: z.enum(VERIFICATIONS).optional(),
    ...seen,
  }),
  z.object({ orderNo, state: z.literal('declined'), code: z.string() }),
  z.object({ orderNo, state: z.literal('pending') }),
  challengeReply.extend({ orderNo, state: z.literal('challenge') }),
])

const names = { orderNo, refundNo: z.string() }
/** The same of a refund. */
export const refundReply = z.discriminatedUnion('state', [
  z.object({ ...names, state: z.literal('succeeded'), channelRefundNo: z.string().min(1).max(64), ...seen }),
  z.object({ ...names, state: z.literal('declined'), code: z.string() }),
  z.object({ ...names, state: z.literal('pending') }),
])

/** What the bank says with any other status. */
export const refusalReply = z.object({ code: z.string() })

export const agreementReply = z.object({
  agreementId: z.string().min(1).max(64),
  account: z.string().min(1).max(64),
  accountTail: z.string().regex(/^\d{4}$/),
  bankName: z.string().min(1).max(60),
  kind: z.enum(['debit', 'credit']),
  small: z.object({ maxFen: z.int().min(1), perDay: z.int().min(1) }).nullable(),
})

/** How a request to sign stands, with status 200. */
export const signingReply = z.discriminatedUnion('state', [
  agreementReply.extend({ signNo: z.string(), state: z.literal('signed') }),
  challengeReply.extend({ signNo: z.string(), state: z.literal('challenge') }),
])

/** Of 429; one that doesn't say may be asked again in a minute. */
export const tooSoonReply = z.object({ retryAfterMs: z.int().min(0).catch(60_000) })

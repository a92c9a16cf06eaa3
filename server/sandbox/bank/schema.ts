import { z } from 'zod'

/** What the sandbox bank accepts. Written apart from the channel's schemas: the two ends share the document only. */

export const role = z.enum(['payer', 'gl', 'merchant'])
const account = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)
const orderNo = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)
/** A leg of ¥10,000,000.00 is above any payment, and keeps balances far inside safe integers. */
const legFen = z.int().min(-1_000_000_000).max(1_000_000_000)

export const clearingRequest = z.object({
  orderNo,
  businessDate: z.iso.date(),
  agreementId: z.string().max(64),
  legs: z.array(z.object({ account, role, amountFen: legFen })).max(8),
})

export const refundRequest = z.object({
  refundNo: orderNo,
  businessDate: z.iso.date(),
  legs: z.array(z.object({ account, role, amountFen: legFen })).max(8),
})

const numberOf = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)
const envelope = z.string().max(16_384)

export const signRequest = z.object({
  signNo: numberOf,
  payerId: z.string().min(1).max(128),
  envelope,
  returnTo: z
    .url({ protocol: /^https?$/ })
    .max(2_048)
    .optional(),
})
/** What is in its envelope; whether it is an account is the bank's to say, and no matter of form. */
export const holderInside = z.object({ signNo: z.string(), account: z.string(), name: z.string(), phone: z.string() })

export const smallRequest = z.object({
  signNo: numberOf,
  maxFen: z.int().min(1).max(20_000),
  perDay: z.int().min(1).max(100),
})

export const confirmRequest = z.object({ challengeId: numberOf, envelope })
export const resendRequest = z.object({ challengeId: numberOf })
const answered = { challengeId: z.string(), proof: z.string() }
export const signingInside = z.object({ signNo: z.string(), ...answered })
export const clearingInside = z.object({ orderNo: z.string(), ...answered, payee: z.string(), amountFen: z.int() })

export const easyRequest = z.object({ payerId: z.string().min(1).max(128) })

export const openingBalance = z.object({ account, kind: role, balanceFen: z.int() })

export type Role = z.infer<typeof role>
export type ClearingRequest = z.infer<typeof clearingRequest>
export type RefundRequest = z.infer<typeof refundRequest>
export type OpeningBalance = z.infer<typeof openingBalance>

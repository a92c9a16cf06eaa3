import { z } from 'zod'

/** What the toy wallet takes: nothing that isn't named here. Written apart from the channel's schemas: they share README.md. */

/** letters and digits only, as the wallets want it */
const number = z.string().regex(/^[A-Za-z0-9]{6,32}$/)
const account = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)
const amountFen = z.int().min(1).max(1_000_000_000)
const currency = z.literal('CNY')

export const prepayRequest = z.strictObject({
  number,
  payer: account,
  payee: account,
  amountFen,
  currency,
  /** ms since the epoch: afterwards nobody can confirm any more */
  expiresAt: z.int().positive(),
})
export type PrepayRequest = z.infer<typeof prepayRequest>

export const refundRequest = z.strictObject({ refundNumber: number, number, amountFen, currency })
export type RefundRequest = z.infer<typeof refundRequest>

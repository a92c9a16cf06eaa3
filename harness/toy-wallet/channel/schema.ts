import { z } from 'zod'

/** What the toy wallet's channel needs to be told. */
export const toyConfig = z.object({
  baseUrl: z.url({ protocol: /^https?$/ }),
  /** Ed25519, DER in base64: ours, and the wallet's */
  privateKey: z.string(),
  walletPublicKey: z.string(),
  /** how long one call may take in all, ms */
  timeoutMs: z.coerce.number().int().min(100).max(60_000),
  /** how long a person may take to pay, ms; the wallet takes two hours at the most */
  payWithinMs: z.coerce.number().int().min(1).max(7_200_000),
  /** the most one payer may pay in a business day, fen */
  dailyPerPayerFen: z.coerce.number().int().min(1),
  /** how long after midnight yesterday's bill is asked for, ms; null: by hand alone */
  reconcileFromMs: z.coerce.number().int().min(0).nullable(),
})
export type ToyConfig = z.infer<typeof toyConfig>

const id = z.string().min(1).max(64)
/** As the wallet has it: what is held against our order before its word ends anything. */
const seen = { amountFen: z.int(), currency: z.string(), payee: z.string() }

/** A payment, in a reply with status 200 and in a notice. Unknown fields are left aside: the wallet may add some. */
export const paymentReply = z.discriminatedUnion('state', [
  z.object({ number: id, ...seen, state: z.literal('open'), pageUrl: z.url(), expiresAt: z.int() }),
  z.object({ number: id, ...seen, state: z.literal('processing') }),
  z.object({ number: id, ...seen, state: z.literal('paid'), tradeNo: id }),
  z.object({ number: id, ...seen, state: z.literal('failed'), code: z.string() }),
  // one that was closed before it was prepared has an empty face
  z.object({ number: id, state: z.literal('closed') }),
])

/** A refund, likewise. */
export const refundReply = z.discriminatedUnion('state', [
  z.object({ refundNumber: id, ...seen, state: z.literal('processing') }),
  z.object({ refundNumber: id, ...seen, state: z.literal('succeeded'), refundId: id }),
  z.object({ refundNumber: id, ...seen, state: z.literal('abnormal') }),
  z.object({ refundNumber: id, ...seen, state: z.literal('failed'), code: z.string() }),
])

/** Any other status. */
export const refusalReply = z.object({ code: z.string() })

export const billReply = z.object({
  date: z.iso.date(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** a toy's bill; a real one is streamed to disk and may have a gigabyte */
  bytes: z.int().min(1).max(10_000_000),
})

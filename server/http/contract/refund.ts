import { z } from 'zod'
import { businessDate, fen, timestamp } from './common'
import { humanNote } from './text'

export const refundState = z
  .enum(['refunding', 'refunded', 'failed'])
  .describe('refunding until the bank is definite; a failed one moved nothing and frees its amount')

export const refundBody = z
  .object({
    amountFen: z.int().min(1).max(100_000_000).describe('what goes back to the payer, fen; at most what they paid'),
    leftFen: fen
      .optional()
      .describe('what was left to refund when whoever asks looked: refused when another refund came in since'),
    reason: humanNote(80).optional().describe('for the merchant’s own list; no personal data'),
  })
  .meta({ id: 'RefundRequest' })

export const refundView = z
  .object({
    refundNo: z.string(),
    orderNo: z.string(),
    state: refundState,
    payerFen: fen.describe('the payer gets back'),
    merchantFen: fen.describe('the merchant returns: payerFen + glFen'),
    glFen: fen.describe('the branch gets back of the subsidy, pro rata'),
    reason: z.string().nullable(),
    businessDate: businessDate.describe('the day whose totals it counts in'),
    createdAt: timestamp,
    endedAt: timestamp.nullable(),
    failReason: z.string().nullable().describe('the bank’s stable code, e.g. insufficient-merchant-funds'),
  })
  .meta({ id: 'Refund' })
export const refundList = z
  .object({ items: z.array(refundView), nextCursor: z.string().optional() })
  .meta({ id: 'RefundList' })

export const refundPreviewQuery = z.object({ amountFen: z.coerce.number().int().min(1).max(100_000_000) })
export const refundPreview = z
  .object({
    payerFen: fen.describe('the payer would get back'),
    merchantFen: fen.describe('the merchant would return: payerFen + glFen'),
    glFen: fen.describe('the branch would get back of the subsidy'),
    leftFen: fen.describe('what the payer may still get back before it'),
  })
  .meta({ id: 'RefundPreview' })

export type RefundPreview = z.infer<typeof refundPreview>
export type RefundBody = z.infer<typeof refundBody>
export type RefundView = z.infer<typeof refundView>
export type RefundList = z.infer<typeof refundList>

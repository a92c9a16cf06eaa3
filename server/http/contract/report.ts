import { z } from 'zod'
import { campaignId, sumFen } from './admin-common'
import { businessDate, channelName, timestamp } from './common'

export const reportQuery = z.object({
  from: businessDate.optional().describe('default: the campaign’s start'),
  to: businessDate.optional().describe('default: today or the campaign’s end'),
  by: z.enum(['day', 'branch', 'merchant', 'account']).default('day'),
})

const figures = {
  orderCount: z.int().describe('paid orders of the campaign’s merchants, with or without a discount'),
  discountCount: z.int(),
  discountFen: sumFen.describe('both shares'),
  payerDiscountFen: sumFen,
  merchantRewardFen: sumFen,
  refundedSubsidyFen: sumFen.describe('of the discounts, what refunds brought back'),
  correctedFen: sumFen.describe(
    'what accepted corrections added to it, below nought: took away; with the order they put right',
  ),
  costFen: sumFen.describe('discountFen − refundedSubsidyFen + correctedFen: what the GL accounts bore'),
  slotsDealt: z.int(),
  slotsLeft: z.int(),
}
export const reportRow = z
  .object({
    key: z.string().describe('date, branch, merchant code or GL account'),
    label: z.string(),
    ...figures,
    soldOutAt: timestamp.nullable().describe('of a merchant: on the last day; of a day: when the last deck sold out'),
  })
  .meta({ id: 'ReportRow' })

export const report = z
  .object({
    campaignId,
    from: businessDate,
    to: businessDate,
    by: reportQuery.shape.by.unwrap(),
    total: z.object(figures),
    rows: z.array(reportRow).max(1_000).describe('the first thousand'),
    nextCursor: z.string().optional().describe('where there are more'),
    channels: z
      .array(z.object({ businessDate, channel: channelName, orders: z.int() }))
      .describe('paid orders at the campaign’s merchants by day and channel; those without any are left out'),
    /** cards dealt in the period by amount: how the promise looks; cards of today only where they are used */
    cards: z.array(z.object({ fromFen: z.int(), toFen: z.int(), count: z.int(), inBand: z.boolean() })),
  })
  .meta({ id: 'Report' })

export const reportRowsQuery = reportQuery.extend({ cursor: z.string().min(1).max(64) })
export const reportRows = z
  .object({ items: z.array(reportRow), nextCursor: z.string().optional() })
  .meta({ id: 'ReportRows' })

export type ReportRows = z.infer<typeof reportRows>
export type Report = z.infer<typeof report>
export type ReportRow = z.infer<typeof reportRow>

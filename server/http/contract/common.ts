import { z } from 'zod'
import { isBusinessDate } from '../../domain/business-date'
import { NO_DISCOUNT_REASONS } from '../../domain/campaign'
import { CHANNELS, VERIFICATIONS } from '../../domain/channel'

/** Integer fen. ¥10,000,000.00 is above any payment here; it keeps sums far inside safe integers. */
export const fen = z.int().min(0).max(1_000_000_000).describe('amount in integer fen')
export const merchantCode = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,32}$/)
  .describe('the code printed in the merchant QR, e.g. M0001')
export const businessDate = z.iso
  .date()
  .refine(isBusinessDate, 'a date of the calendar from 2000 to 2199')
  .describe('business date (Asia/Shanghai), YYYY-MM-DD, from 2000 to 2199')
export const timestamp = z.iso.datetime().describe('ISO 8601, UTC')
export const channelName = z.enum(CHANNELS)
export const verification = z.enum(VERIFICATIONS)
export const platform = z.enum(['weapp', 'wechat-h5', 'alipay-h5', 'unionpay-h5', 'bank-h5', 'browser'])
export const noDiscountReason = z.enum(NO_DISCOUNT_REASONS).describe('why there is no discount')
export const archivedBefore = businessDate
  .optional()
  .describe(
    'orders of dates before it are archived, but for a few; told at the end of a list that would go on beyond it',
  )
export const orderState = z.enum(['paying', 'paid', 'closed'])

/** RFC 9457. `code` is stable, and so is `reason`, which says more where one code has many; `field` names the input at fault as a path, e.g. `amountFen`. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string().optional(),
    field: z.string().optional(),
    reason: z.string().optional(),
    days: z.array(businessDate).optional().describe('business dates that come first'),
    ticket: z.string().optional().describe('with which the next step is taken'),
    date: businessDate.optional().describe('whose orders are archived'),
    archivedBefore: businessDate.optional().describe('orders of dates before it are archived'),
    file: z.string().optional().describe('in which they are; operators alone are told'),
    made: z.string().optional().describe('of `key-reused`: what the first request with the key made'),
    requestId: z.string().optional().describe('the number of the request in our log, and the header X-Request-Id'),
  })
  .meta({ id: 'Problem' })

export type Problem = z.infer<typeof problem>
export type Platform = z.infer<typeof platform>

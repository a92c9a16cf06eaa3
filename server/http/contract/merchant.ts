import { z } from 'zod'
import { businessDate, channelName, fen, merchantCode, timestamp } from './common'
import { availability, session } from './payer'

export const merchantSession = session
  .extend({ merchant: z.object({ code: merchantCode, name: z.string() }) })
  .meta({ id: 'MerchantSession' })

export const merchantSummaryView = z
  .object({
    merchantCode,
    merchantName: z.string(),
    businessDate,
    orderCount: z.int().describe('orders paid on the day, refunded ones included'),
    amountFen: fen.describe('their amounts, as paid'),
    rewardCount: z.int().describe('those with a reward'),
    rewardFen: fen.describe('their rewards, as paid'),
    refundCount: z.int().describe('refunds made on the day, of orders of any day'),
    refundedFen: fen.describe('what the merchant returned by them: to the payers, and of the subsidy to the branch'),
    receivedFen: z
      .int()
      .min(-1_000_000_000)
      .max(1_000_000_000)
      .describe('amountFen + rewardFen − refundedFen: what the day changed in the merchant’s account; may be negative'),
    slots: z.object({ total: z.int(), used: z.int() }).nullable().describe("the day's deck; null when there is none"),
    today: z
      .object(availability)
      .nullable()
      .describe('what can still be given; null of another day, and where there is no campaign'),
    hold: z
      .object({ until: businessDate, branchName: z.string() })
      .nullable()
      .describe('further discounts are held back here until then, the date included; the branch says why'),
    accountChange: z
      .object({
        channel: channelName,
        fromTail: z.string().describe('empty: there was none'),
        toTail: z.string(),
        effectiveAt: timestamp,
        inForce: z.boolean(),
        phone: z.string().nullable().describe('whom to call when it is wrong'),
      })
      .nullable()
      .describe(
        'for its owner: the account into which it is paid changes, or did in the last seven days; last characters only',
      ),
  })
  .meta({ id: 'MerchantSummary' })

export const merchantOrderView = z
  .object({
    orderNo: z.string(),
    channel: channelName,
    amountFen: fen,
    merchantRewardFen: fen,
    merchantReceivesFen: fen.describe('as paid'),
    refundedFen: fen.describe('what went back to the payer so far'),
    returnedFen: fen.describe('what the merchant returned for that: refundedFen and its part of the subsidy'),
    paidAt: timestamp,
  })
  .meta({ id: 'MerchantOrder' })
export const merchantOrderList = z
  .object({ items: z.array(merchantOrderView), nextCursor: z.string().optional() })
  .meta({ id: 'MerchantOrderList' })

/**
 * What the live feed sends, as JSON text. Authenticate with the subprotocols `fapai.v1` and `bearer.<token>`, or with an
 * Authorization header. `?after=<cursor>` replays what came after a reader went away.
 */
export const liveMessage = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('ready') }),
    z.object({ type: z.literal('order'), cursor: z.string(), order: merchantOrderView }),
    z
      .object({ type: z.literal('beat'), behind: z.boolean() })
      .describe(
        'every 20 s, and when it changes whether orders come late; who hears nothing for two of them has lost the connection and opens another',
      ),
  ])
  .meta({ id: 'LiveMessage' })

export const dayQuery = z.object({ date: businessDate.optional().describe('default: today') })
export const dayPageQuery = dayQuery.extend({ cursor: z.string().max(256).optional() })

export type MerchantSession = z.infer<typeof merchantSession>
export type MerchantSummaryView = z.infer<typeof merchantSummaryView>
export type MerchantOrderView = z.infer<typeof merchantOrderView>
export type MerchantOrderList = z.infer<typeof merchantOrderList>
export type LiveMessage = z.infer<typeof liveMessage>

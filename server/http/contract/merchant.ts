import { z } from 'zod'
import { businessDate, channelName, fen, merchantCode, timestamp } from './common'
import { session } from './payer'

export const merchantSession = session
  .extend({ merchant: z.object({ code: merchantCode, name: z.string() }) })
  .meta({ id: 'MerchantSession' })

export const merchantSummaryView = z
  .object({
    merchantCode,
    merchantName: z.string(),
    businessDate,
    orderCount: z.int(),
    amountFen: fen.describe('order amounts'),
    rewardCount: z.int(),
    rewardFen: fen.describe('rewards'),
    receivedFen: fen.describe('what was credited: amounts + rewards'),
    slots: z.object({ total: z.int(), used: z.int() }).nullable().describe("the day's deck; null when there is none"),
  })
  .meta({ id: 'MerchantSummary' })

export const merchantOrderView = z
  .object({
    orderNo: z.string(),
    channel: channelName,
    amountFen: fen,
    merchantRewardFen: fen,
    merchantReceivesFen: fen,
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
  ])
  .meta({ id: 'LiveMessage' })

export const dayQuery = z.object({ date: businessDate.optional().describe('default: today') })
export const dayPageQuery = dayQuery.extend({ cursor: z.string().max(256).optional() })

export type MerchantSession = z.infer<typeof merchantSession>
export type MerchantSummaryView = z.infer<typeof merchantSummaryView>
export type MerchantOrderView = z.infer<typeof merchantOrderView>
export type MerchantOrderList = z.infer<typeof merchantOrderList>
export type LiveMessage = z.infer<typeof liveMessage>

import { z } from 'zod'
import { USER_ROLES } from '../../flow/ports'
import { sumFen } from './admin-common'
import { archivedBefore, businessDate, channelName, fen, merchantCode, timestamp } from './common'
import { availability, session } from './payer'
import { refundView } from './refund'
import { humanText } from './text'

const signedFen = z.int().min(-1_000_000_000).max(1_000_000_000)

export const merchantSession = session
  .extend({ merchant: z.object({ code: merchantCode, name: z.string() }) })
  .meta({ id: 'MerchantSession' })

/** What of a merchant's day a channel brought to one account. */
export const settlement = z.object({
  channel: channelName,
  orderCount: z.int().describe('orders paid on the day, refunded ones included'),
  amountFen: fen.describe('their amounts, as paid'),
  rewardFen: fen.describe('their rewards, as paid'),
  refundCount: z.int().describe('refunds made on the day, of orders of any day'),
  refundedFen: fen.describe('what the merchant returned by them'),
  receivedFen: signedFen.describe('amountFen + rewardFen − refundedFen; may be negative'),
})

/** Sums of one or several business dates. */
const daySums = {
  orderCount: z.int(),
  amountFen: sumFen.describe('order amounts, as paid'),
  rewardCount: z.int(),
  rewardFen: sumFen.describe('rewards, as paid'),
  refundCount: z.int().describe('refunds made on the day, of orders of any day'),
  refundedFen: sumFen.describe('what the merchant returned by them'),
  receivedFen: sumFen.describe('amountFen + rewardFen − refundedFen; may be negative'),
}
export const periodQuery = z.object({
  from: businessDate.optional().describe('default: the same day as `to`'),
  to: businessDate.optional().describe('included; at most 31 days; default: today'),
})
export const merchantDays = z
  .object({
    from: businessDate,
    to: businessDate,
    total: z.object(daySums),
    days: z
      .array(z.object({ businessDate, ...daySums }))
      .describe('oldest first; days on which nothing happened are left out'),
  })
  .meta({ id: 'MerchantDays' })

export const merchantSummaryView = z
  .object({
    merchantCode,
    merchantName: z.string(),
    role: z.enum(USER_ROLES).describe('who is asking: an owner or a cashier'),
    accountTail: z
      .string()
      .describe('of the settlement account, into which the bank’s own channel pays at once; last characters only'),
    businessDate,
    orderCount: z.int().describe('orders paid on the day, refunded ones included'),
    amountFen: fen.describe('their amounts, as paid'),
    rewardCount: z.int().describe('those with a reward'),
    rewardFen: fen.describe('their rewards, as paid'),
    refundCount: z.int().describe('refunds made on the day, of orders of any day'),
    refundedFen: fen.describe('what the merchant returned by them: to the payers, and of the subsidy to the branch'),
    receivedFen: signedFen.describe(
      'amountFen + rewardFen − refundedFen: what the day changed in the merchant’s accounts; may be negative',
    ),
    settlements: z
      .array(
        settlement.extend({
          accountTail: z.string().describe('of the account that it was paid into; last characters only'),
        }),
      )
      .describe('the same by channel and account, whose sums they are'),
    slots: z.object({ total: z.int(), used: z.int() }).nullable().describe("the day's deck; null when there is none"),
    today: z
      .object(availability)
      .nullable()
      .describe('what can still be given; null of another day, and where there is no campaign'),
    campaign: z
      .object({
        name: z.string(),
        startDate: businessDate,
        endDate: businessDate.describe('its last day'),
        paused: z
          .enum(['campaign', 'shop'])
          .nullable()
          .describe('for its owner, while discounts are paused: of the campaign, or at this shop alone'),
      })
      .nullable()
      .describe('that is on today, or last was, or comes next; null of another day, and where there is none'),
    hold: z
      .object({ until: businessDate, branchName: z.string() })
      .nullable()
      .describe(
        'for its owner: further discounts are held back here until then, the date included; the branch says why',
      ),
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
export const merchantOrderDetail = merchantOrderView
  .extend({
    accountTail: z.string().describe('of the account that it was paid into; last characters only'),
    refundableFen: fen.describe(
      'what the payer may still get back; what refunds under way could give back counts as given back',
    ),
    mayRefund: z.boolean().describe('whoever asks may refund something of it'),
    refunds: z.array(refundView).describe('newest first'),
  })
  .meta({ id: 'MerchantOrderDetail' })
export const merchantOrderList = z
  .object({ items: z.array(merchantOrderView), nextCursor: z.string().optional(), archivedBefore })
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

export const staffList = z
  .object({
    items: z.array(
      z.object({
        bindingId: z.string(),
        name: z.string().nullable().describe('what the owner calls them; null where the bank handed out the code'),
        role: z.enum(USER_ROLES),
        boundAt: timestamp,
        isSelf: z.boolean(),
      }),
    ),
  })
  .meta({ id: 'StaffList' })
export const inviteBody = z
  .object({ name: humanText(1, 40).describe('what the owner calls them; no personal data is needed') })
  .meta({ id: 'InviteRequest' })
export const invite = z.object({ code: z.string(), expiresAt: timestamp }).meta({ id: 'Invite' })

export const messagesView = z
  .object({
    templateId: z
      .string()
      .nullable()
      .describe('what the user is asked to agree to in WeChat; null: nobody is told anything'),
    unused: z.int().describe('messages that are agreed to and not sent'),
  })
  .meta({ id: 'Messages' })
export const messagesBody = z
  .object({ templateId: z.string().regex(/^[\x21-\x7e]{1,64}$/) })
  .meta({ id: 'MessagesRequest' })

export const dayQuery = z.object({ date: businessDate.optional().describe('default: today') })
export const dayPageQuery = dayQuery.extend({ cursor: z.string().max(256).optional() })

export type MerchantDays = z.infer<typeof merchantDays>
export type MerchantSession = z.infer<typeof merchantSession>
export type MerchantSummaryView = z.infer<typeof merchantSummaryView>
export type MerchantOrderView = z.infer<typeof merchantOrderView>
export type MerchantOrderDetail = z.infer<typeof merchantOrderDetail>
export type MerchantOrderList = z.infer<typeof merchantOrderList>
export type StaffList = z.infer<typeof staffList>
export type Invite = z.infer<typeof invite>
export type MessagesView = z.infer<typeof messagesView>
export type LiveMessage = z.infer<typeof liveMessage>

import { z } from 'zod'
import { MAX_SEARCH } from '../../domain/search'
import { branchCode, campaignId, cursor } from './admin-common'
import {
  archivedBefore,
  businessDate,
  channelName,
  fen,
  merchantCode,
  noDiscountReason,
  timestamp,
  verification,
} from './common'
import { humanNote } from './text'

const account = z.string().min(1).max(64)
const event = z.object({
  at: timestamp,
  kind: z.string(),
  verb: z.string().nullable().describe('who brought the news'),
  code: z.string().nullable().describe('our stable code of it, e.g. insufficient-funds; null: it has none'),
  conflict: z.string().nullable(),
})
/** An order as an operator sees it, to answer a complaint: figures, life, postings, refunds. No payer account. */
export const adminOrder = z
  .object({
    orderNo: z.string(),
    state: z.enum(['paying', 'paid', 'closed']),
    merchantCode,
    merchantName: z.string(),
    businessDate,
    channel: z.string(),
    channelTradeNo: z.string().nullable(),
    amountFen: z.int(),
    discountFen: z.int(),
    payerDiscountFen: z.int(),
    merchantRewardFen: z.int(),
    payableFen: z.int(),
    merchantReceivesFen: z.int(),
    campaignId: z.string().nullable(),
    slot: z.int().nullable(),
    glAccount: z.string().nullable().describe('null: the channel has no leg for a subsidy (a wallet)'),
    createdAt: timestamp,
    endedAt: timestamp.nullable(),
    closeReason: z.string().nullable(),
    reason: noDiscountReason
      .nullable()
      .describe('what the payer was told of why there is no discount; null: there is one'),
    verification: verification
      .nullable()
      .describe('how the bank made sure of the payer; none is a payment without a challenge'),
    payerRefundedFen: z.int(),
  })
  .meta({ id: 'AdminOrder' })
export const adminOrderDetail = adminOrder
  .extend({
    walletPaid: z
      .object({ payerFen: z.int(), coupons: z.array(z.object({ name: z.string(), fen: z.int() })) })
      .nullable()
      .describe('what the payer paid after the wallet’s own discount; in none of our sums'),
    events: z.array(event),
    postings: z.array(
      z.object({
        role: z.string(),
        account: z.string().nullable().describe('null is the payer’s, which nobody here needs to see'),
        amountFen: z.int(),
        refundNo: z.string().nullable(),
        correctionId: z.string().nullable().describe('of an entry that an accepted difference made'),
      }),
    ),
  })
  .meta({ id: 'AdminOrderDetail' })
export const adminReplyList = z
  .object({
    items: z.array(
      z.object({
        at: timestamp,
        verb: z.string().nullable(),
        said: z.unknown().describe('as the channel said it; what names a payer, an account or a token is left out'),
      }),
    ),
  })
  .meta({ id: 'AdminReplyList' })
export const aroundQuery = z.object({ minutes: z.coerce.number().int().min(1).max(120).default(15) })
export const aroundView = z
  .object({
    from: timestamp,
    until: timestamp,
    decks: z
      .array(
        z.object({
          campaignId,
          campaignName: z.string(),
          cards: z.int(),
          used: z.int().describe('by orders that weren’t closed when the order was made, itself included'),
          open: z.int().describe('of them without an ending then'),
          dealtAt: timestamp,
          closedAt: timestamp.nullable(),
        }),
      )
      .describe('of its day, as they were when the order was made; what quotes held unpaid is kept nowhere'),
    stops: z
      .array(
        z.object({
          at: timestamp,
          by: z.string(),
          action: z.string(),
          subject: z.string(),
          kind: z.string().nullable(),
          note: z.string().nullable(),
        }),
      )
      .describe('what stopped discounts or let them go on: of the day until then, and of each subject the last before'),
    orders: z.array(adminOrder).describe('oldest first'),
    whole: z.boolean().describe('false: there were more orders, and those nearest to it are told'),
    archivedBefore,
  })
  .meta({ id: 'Around' })
export const adminOrderList = z
  .object({ items: z.array(adminOrder), nextCursor: z.string().optional(), archivedBefore })
  .meta({ id: 'AdminOrderList' })
export const adminOrderQuery = z.object({
  merchantCode: merchantCode.optional(),
  date: businessDate.optional(),
  from: businessDate.optional(),
  to: businessDate.optional().describe('included'),
  campaignId: z.string().max(40).optional().describe('with a card of it'),
  merchantsOf: campaignId.optional().describe('at merchants of this campaign, with or without a card'),
  branchCode: branchCode.optional().describe('of this branch when they were made'),
  glAccount: z.string().max(64).optional().describe('from which their subsidy comes'),
  orderNo: z.string().max(64).optional().describe('exactly this one'),
  discounted: z.enum(['true']).optional().describe('only those with a discount'),
  state: z.enum(['paying', 'paid', 'closed']).optional(),
  stuck: z.enum(['true']).optional().describe('only payments without an ending after a quarter of an hour'),
  channel: channelName.optional(),
  account: account.optional().describe('the merchant’s, that they were booked to'),
  deckFrom: businessDate.optional().describe('with a card of a deck of this date or later, paid for or not yet'),
  deckTo: businessDate.optional().describe('likewise, of this date or before'),
  corrected: z.enum(['true']).optional().describe('put right by an accepted difference, at their GL account'),
  endedOn: businessDate.optional().describe('whose outcome came on this date, as reconciliation counts them'),
  cursor: cursor.optional(),
})
export const adminRefund = z
  .object({
    refundNo: z.string(),
    orderNo: z.string(),
    merchantCode,
    merchantName: z.string(),
    state: z.enum(['refunding', 'refunded', 'failed']),
    payerFen: z.int(),
    merchantFen: z.int(),
    glFen: z.int(),
    reason: z.string().nullable(),
    businessDate,
    createdAt: timestamp,
    endedAt: timestamp.nullable(),
    failReason: z.string().nullable(),
    channel: channelName,
    lastCode: z
      .string()
      .nullable()
      .describe('of a refund without an ending: why the channel’s last answer was none, e.g. refund-abnormal'),
  })
  .meta({ id: 'AdminRefund' })
export const adminRefundList = z
  .object({ items: z.array(adminRefund), nextCursor: z.string().optional() })
  .meta({ id: 'AdminRefundList' })
export const adminRefundQuery = z.object({
  date: businessDate.optional(),
  state: z.enum(['refunding', 'refunded', 'failed']).optional(),
  merchantCode: merchantCode.optional(),
  orderNo: z.string().max(64).optional().describe('of exactly this order'),
  channel: channelName.optional(),
  account: account.optional().describe('of orders booked to this account of the merchant'),
  endedOn: businessDate.optional().describe('whose outcome came on this date'),
  asked: z.enum(['true']).optional().describe('without those that put a difference right'),
  campaignId: campaignId.optional().describe('of orders with a card of it'),
  orderFrom: businessDate.optional().describe('of orders of this business date or later'),
  orderTo: businessDate.optional().describe('of orders of this business date or before'),
  branchCode: branchCode.optional().describe('of orders of this branch'),
  glAccount: z.string().max(64).optional().describe('of orders whose subsidy came from it'),
  cursor: cursor.optional(),
})

export const adminRefundBody = z
  .object({
    amountFen: z.int().min(1).max(100_000_000).describe('what goes back to the payer, fen'),
    leftFen: fen.describe('what was left to refund when whoever asks looked'),
    reason: humanNote(60).describe('for the reviewer and the merchant’s own list; no personal data'),
  })
  .meta({ id: 'AdminRefundRequest' })
export const searchQuery = z.object({
  q: z
    .string()
    .max(MAX_SEARCH)
    .describe('numbers, an amount, days, times, a reason, a merchant, apart by blanks, e.g. M0003 ¥35 中午'),
})
const part = z.object({ from: z.int(), until: z.int() })
export const searchResult = z
  .object({
    read: z
      .object({
        orderNos: z.array(z.string()),
        refundNos: z.array(z.string()),
        numbers: z.array(z.string()),
        amountFen: z.int().nullable(),
        days: z.object({ from: businessDate, to: businessDate }).nullable(),
        hours: part.nullable().describe('ms after midnight'),
        code: z.string().nullable(),
        plain: z.boolean().describe('only those without a discount'),
        words: z.array(z.string()),
      })
      .describe('how it was understood'),
    merchants: z.array(z.object({ code: merchantCode, name: z.string() })).describe('at most 20'),
    orders: z.array(adminOrder).describe('newest first, at most 50'),
    refunds: z.array(adminRefund),
    span: z
      .object({ from: businessDate, to: businessDate })
      .nullable()
      .describe('business dates that were looked through; null: it was looked up by number alone'),
    whole: z.boolean().describe('false: there are more, or not all that was asked for was looked through'),
    archived: z
      .array(z.object({ orderNo: z.string(), date: businessDate, file: z.string() }))
      .describe('of the numbers that were asked for those that weren’t found, and whose days are archived'),
    archivedBefore,
  })
  .meta({ id: 'SearchResult' })

export type AdminOrder = z.infer<typeof adminOrder>
export type AdminOrderDetail = z.infer<typeof adminOrderDetail>
export type AdminOrderList = z.infer<typeof adminOrderList>
export type AdminRefund = z.infer<typeof adminRefund>
export type AdminRefundList = z.infer<typeof adminRefundList>
export type SearchResult = z.infer<typeof searchResult>
export type AdminReplyList = z.infer<typeof adminReplyList>
export type AroundView = z.infer<typeof aroundView>

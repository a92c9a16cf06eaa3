import { z } from 'zod'
import {
  archivedBefore,
  businessDate,
  channelName,
  fen,
  merchantCode,
  noDiscountReason,
  orderState,
  platform,
  timestamp,
  verification,
} from './common'
import { payCode } from './pay-code'

export const sessionBody = z
  .object({
    platform,
    code: z.string().min(1).max(1_024).describe('one-time login code of the platform, or a ticket of the bank’s app'),
  })
  .meta({ id: 'SessionRequest' })
export const loginWay = z
  .object({
    way: z.enum(['name', 'page', 'code', 'none']),
    page: z
      .string()
      .nullable()
      .describe('where a browser is sent to be known, with its way back in `to`; null unless the way is `page`'),
  })
  .meta({
    id: 'LoginWay',
    description:
      'page: by way of the platform’s own page; code: the app that the page is open in gives a login code; none: nobody can be known here',
  })
export const session = z.object({ token: z.string(), expiresAt: timestamp }).meta({ id: 'Session' })

const availableAt = timestamp
  .nullable()
  .describe(
    'of all-held: when the first card comes back, unless it is paid for; of sold-out: when the next day’s are dealt; of outside-window: when it opens next; null while nobody can know',
  )

const reasonWords = z
  .string()
  .optional()
  .describe('why there is none, where it follows from the campaign’s terms, e.g. its hours; else the reason says all')

/** What a campaign can still give at a merchant today; quotes, the shop, the rules and the merchant's day say the same. */
export const availability = {
  slotsToday: z.int().describe('cards of the day’s deck; fewer than the rule says where the budget ended'),
  remainingToday: z
    .int()
    .nullable()
    .describe(
      'cards that can still be given: those that no order has, held ones included; null while it cannot be known',
    ),
  reason: noDiscountReason.nullable().describe('why nobody gets a card now, as a quote would say; null: somebody does'),
  availableAt,
  reasonWords,
}

export const offer = z
  .object({
    campaignId: z.string(),
    campaignName: z.string(),
    headline: z.string().describe('derived from the rule: the most a payer can get'),
    thresholdFen: fen,
    maxPayerDiscountFen: fen,
    usual: z
      .object({ minFen: fen, maxFen: fen })
      .nullable()
      .describe('between what most payers save, both ends included; null where nothing can be said of most'),
    merchantPercent: z.int().describe('the merchant’s part of each discount; the rest is the payer’s'),
    ...availability,
    paused: z.boolean(),
  })
  .meta({ id: 'Offer' })

export const merchantChannel = z
  .object({
    name: channelName,
    label: z.string().describe('what people call it'),
    needs: z
      .enum(['anywhere', 'browser', 'wechat', 'alipay', 'unionpay'])
      .describe('the app in which it can be paid with; browser: one of its own, or any that is no app’s'),
    jumps: z.boolean().describe('whether our mini-program can jump to the wallet’s own, where it can be paid with'),
    carriesDiscount: z
      .boolean()
      .describe('whether what is offered here can be had by paying so; a wallet pays in full'),
  })
  .meta({ id: 'MerchantChannel' })

export const merchantView = z
  .object({
    code: merchantCode,
    name: z.string(),
    branchName: z.string(),
    bankName: z.string().describe('whose own channel there is'),
    channels: z.array(merchantChannel).describe('how one can pay here, the ones with the discount first'),
    offer: offer.nullable(),
  })
  .meta({ id: 'Merchant' })

const chance = z.number().describe('0 to 1')
export const oddsView = z
  .object({
    meanFen: z.number().describe('the payer’s share on average, fen'),
    inBand: chance.describe('of cards within the rule’s band'),
    outside: chance,
    leastFen: fen,
    leastChance: chance,
    mostFen: fen.describe('what the headline names'),
    mostChance: chance,
    bars: z
      .array(z.object({ fromFen: fen, toFen: fen, chance }))
      .describe('the payer’s share in steps of one width, both ends included; their chances add up to 1'),
  })
  .meta({ id: 'Odds' })

export const rulesView = z
  .object({
    campaignId: z.string(),
    campaignName: z.string(),
    headline: z.string(),
    startDate: businessDate,
    endDate: businessDate,
    sections: z
      .array(z.object({ title: z.string(), lines: z.array(z.string()) }))
      .describe('the disclosure, in Chinese'),
    secretCommitment: z
      .string()
      .nullable()
      .describe('to the secret that the seeds follow from, as of the approval; see /api/campaigns/{id}/secret'),
    odds: oddsView.describe('what a payer saves by the rule, and how likely'),
    deckToday: z
      .object({
        businessDate,
        commitment: z.string().describe('it opens to this deck alone (docs/PROOF.md)'),
        dealtAt: timestamp,
      })
      .nullable(),
    today: z.object(availability).meta({ id: 'Availability' }),
  })
  .meta({ id: 'Rules' })

/** A payment has an upper bound per order; the daily limit of static codes is below it. */
export const quoteBody = z
  .object({
    merchantCode,
    amountFen: z.int().min(1).max(100_000_000).describe('what the payer typed, fen'),
    channel: channelName,
    payCode: payCode.optional().describe('the code for one payment that was scanned: of this merchant and amount'),
  })
  .meta({ id: 'QuoteRequest' })

export const figuresView = {
  amountFen: fen,
  discountFen: fen,
  payerDiscountFen: fen,
  merchantRewardFen: fen,
  payableFen: fen,
  merchantReceivesFen: fen,
}

/** Enough to prove a card after its day: on the verify page, by `POST /api/decks/check` or `npm run verify-deck`. */
export const cardView = z
  .object({
    campaignId: z.string(),
    businessDate: businessDate.describe('of the deck: the day of the quote'),
    slotNumber: z.int().describe('which card of the deck, counted from 1'),
    commitment: z
      .string()
      .nullable()
      .describe('of the deck, as it was told with the quote; null: nobody could say it then, or it is an older order'),
  })
  .meta({ id: 'Card' })

const hidden = fen.nullable()
const hidable = {
  discountFen: hidden,
  payerDiscountFen: hidden,
  merchantRewardFen: hidden,
  payableFen: hidden,
  merchantReceivesFen: hidden,
}

export const quoteView = z
  .object({
    quoteId: z.string().describe('a signed statement of the figures, bound to its payer'),
    ...hidable,
    amountFen: fen,
    expiresAt: timestamp,
    reason: noDiscountReason.nullable(),
    availableAt,
    reasonWords,
    discountRange: z
      .object({ minFen: fen, maxFen: fen })
      .nullable()
      .describe(
        'what the payer saves lies in it, both ends included, and is told once it is paid: then every figure but the amount is null, and no more than the amount is debited. Null: the figures are told',
      ),
    card: cardView.nullable().describe('the card it holds; null without a discount'),
  })
  .meta({ id: 'Quote' })

export const orderBody = z
  .object({
    quoteId: z.string().min(1).max(2_048),
    agreementId: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .describe('what it is paid with; the payer’s default one unless told'),
  })
  .meta({ id: 'OrderRequest' })
export const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{8,128}$/)
  .describe(
    '8–128 visible ASCII characters, new for each intent to pay. For 24 hours at the least after its order was opened a retry gets that order; later its quote is refused, and its orders are to be looked up. A refusal by 503 is of this attempt alone: where an earlier one with the key may have arrived, the payment isn’t known until a retry is answered otherwise',
  )

export const payerAction = z
  .object({
    kind: z.enum(['jsapi', 'redirect', 'challenge']),
    params: z
      .record(z.string(), z.string())
      .describe(
        'jsapi: handed on as they are, to the wallet; a sandbox’s has `sandboxUrl`, the wallet’s page for a browser without one. redirect: to the address `url`, or to the mini-program `appId` at `path`. challenge: `challengeId`, `kinds`, `maskedPhone`, `attemptsLeft`, `resendAt` (ms since the epoch), and `lastProof: "wrong"` after a wrong one',
      ),
    expiresAt: timestamp,
  })
  .meta({ id: 'PayerAction' })

export const orderView = z
  .object({
    orderNo: z.string(),
    state: orderState,
    merchantCode,
    merchantName: z.string(),
    branchName: z.string(),
    channel: channelName,
    bankName: z.string().nullable().describe('of the account it is paid with; null where that is no agreement'),
    accountTail: z.string().nullable(),
    ...figuresView,
    refundedFen: fen.describe('what went back to the payer so far; the other figures stay as they were paid'),
    reason: noDiscountReason.nullable(),
    slotNumber: z.int().nullable().describe('which card of the deck, counted from 1'),
    card: cardView.nullable().describe('null without a discount'),
    businessDate,
    createdAt: timestamp,
    endedAt: timestamp.nullable(),
    closeReason: z
      .string()
      .nullable()
      .describe(
        'a stable code, e.g. authentication-failed, authentication-expired, insufficient-funds, bank-limit-exceeded, agreement-not-active, account-frozen, risk-refused, order-closed, channel-unavailable',
      ),
    verification: verification
      .nullable()
      .describe(
        'how the bank made sure of the payer: none is a payment without a challenge (免密); null while it is not known',
      ),
    action: payerAction.nullable().describe('what the payer must do now; null when there is nothing, or no longer'),
  })
  .meta({ id: 'Order' })

export const ownOrdersQuery = z.object({
  merchantCode: merchantCode.optional().describe('only orders at this merchant'),
  state: z
    .enum([...orderState.options, 'recent'])
    .optional()
    .describe(
      'only orders of this state; recent: what to look at before paying again, which is unfinished orders of the last three days and orders paid in the last ten minutes',
    ),
  cursor: z.string().max(256).optional(),
})
export const orderList = z
  .object({ items: z.array(orderView), nextCursor: z.string().optional(), archivedBefore })
  .meta({ id: 'OrderList' })

export type SessionBody = z.infer<typeof sessionBody>
export type Session = z.infer<typeof session>
export type LoginWay = z.infer<typeof loginWay>
export type Offer = z.infer<typeof offer>
export type MerchantView = z.infer<typeof merchantView>
export type RulesView = z.infer<typeof rulesView>
export type QuoteBody = z.infer<typeof quoteBody>
export type QuoteView = z.infer<typeof quoteView>
export type CardView = z.infer<typeof cardView>
export type OrderBody = z.infer<typeof orderBody>
export type MerchantChannelView = z.infer<typeof merchantChannel>
export type PayerActionView = z.infer<typeof payerAction>
export type OrderView = z.infer<typeof orderView>
export type OrderList = z.infer<typeof orderList>

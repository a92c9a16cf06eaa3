import { z } from 'zod'
import { campaignId, campaignState, sumFen } from './admin-common'
import { reconciliationDay } from './books'
import { businessDate, timestamp } from './common'

/** How today is going, across campaigns, as far as the reader sees. */
const orders = z.object({
  businessDate,
  orderCount: z.int().describe('paid orders, with or without a discount'),
  ownCount: z.int().describe('of them through the bank’s own channel'),
  discountCount: z.int().describe('of them with a card'),
  amountFen: sumFen,
  discountFen: sumFen.describe('both shares, before what refunds bring back'),
})
const cards = z.object({
  merchants: z.int().describe('with a deck of today'),
  slots: z.int().describe('cards dealt for today'),
  used: z.int().describe('by orders that aren’t closed'),
  soldOut: z.int().describe('decks without a card left'),
  mostFen: sumFen.describe('what today’s decks can cost by the rule, whatever their cards are'),
})
const count = z.object({ count: z.int(), more: z.boolean().describe('there are more than that') })
export const campaignToday = cards
  .extend({
    campaignId,
    name: z.string(),
    state: campaignState,
    endDate: businessDate,
    budgetFen: sumFen,
    daysLeft: z
      .number()
      .nullable()
      .describe('how long the budget lasts at the pace of the last seven days; null: unknown'),
    runsShort: z.boolean().describe('the budget is gone within three days, and before the campaign is over'),
    orderCount: z.int().describe('paid today at its merchants, with or without a card'),
    ownCount: z.int().describe('of them through the bank’s own channel'),
    discountCount: z.int().describe('paid today with a card of it'),
    discountFen: sumFen,
    short: z.int().describe('merchants that a budget left with fewer cards'),
  })
  .meta({ id: 'CampaignToday' })
export const homeView = z
  .object({
    at: timestamp.describe('as of when; a few seconds ago at most'),
    today: orders,
    yesterday: orders,
    stuck: z
      .object({ count: z.int(), fen: sumFen, since: timestamp.nullable() })
      .describe('payments without an ending after a quarter of an hour'),
    cards: cards.describe('of all campaigns that are on'),
    campaigns: z.array(campaignToday).describe('those that are on; the one that ends first comes first'),
    more: z.boolean().describe('there are more campaigns than are listed'),
    books: z
      .object({
        closing: z.array(reconciliationDay).describe('yesterday at each channel that is reconciled'),
        differences: count.describe('that aren’t settled'),
        todo: count.describe('open for longer than a day'),
        suspicions: count.describe('that nobody has decided'),
      })
      .nullable()
      .describe('null: the reader doesn’t see the books'),
  })
  .meta({ id: 'Home' })

export type CampaignToday = z.infer<typeof campaignToday>
export type HomeView = z.infer<typeof homeView>

import { z } from 'zod'
import { ruleBody, sumFen, termsShape } from './admin-common'
import { section } from './campaign'
import { businessDate, fen } from './common'

/** What terms would be, before they are: a deck, the cost, the legal text. */

export const previewBody = z
  .object({
    rule: ruleBody,
    startDate: businessDate,
    endDate: businessDate,
    budgetFen: termsShape.budgetFen,
    dailyBudgetFen: termsShape.dailyBudgetFen,
    windows: termsShape.windows,
    merchantCount: z.int().min(0).max(1_000_000),
    maxPerPayerPerDay: termsShape.maxPerPayerPerDay,
    maxPerPayerPerCampaignDay: termsShape.maxPerPayerPerCampaignDay,
    channels: termsShape.channels,
    branchBudgets: termsShape.branchBudgets,
    organiser: termsShape.organiser.optional(),
    ordersPerMerchantPerDay: z.number().min(0).max(10_000).default(15).describe('assumed, qualifying ones; Poisson'),
  })
  .meta({ id: 'PreviewRequest' })
export const forecast = z
  .object({
    mostPerDayFen: sumFen.describe('every card of every deck, at the most'),
    mostFen: sumFen.describe('the same over the period; never above the budget'),
    expectedPerDayFen: sumFen,
    expectedFen: sumFen,
    p05Fen: sumFen.describe('of the whole period: 5 % of the simulated ones cost less'),
    p95Fen: sumFen,
    runs: z.int(),
    days: z.int().describe('on which decks are dealt: those that its windows open on'),
    budgetLastsDays: z.number().nullable().describe('of those, at the expected cost; null when nothing is spent'),
    merchantsADay: z.int().describe('as many as a day’s budget covers whole decks of, at the most all of them'),
    sellOutShare: z.number().describe('of merchant-days on which the last card goes'),
  })
  .meta({ id: 'Forecast' })
export const previewView = z
  .object({
    faults: z.array(z.object({ field: z.string(), code: z.string(), message: z.string() })),
    /** null when there are faults */
    sample: z
      .object({ amountsFen: z.array(fen), inBand: z.int() })
      .nullable()
      .describe('one deck, dealt from a random seed'),
    forecast: forecast.nullable(),
    headline: z.string().nullable(),
    disclosure: z.array(section).nullable(),
  })
  .meta({ id: 'Preview' })

/** What a launch or an amendment that waits for review would be. */
export const reviewPreview = previewView
  .extend({
    rule: ruleBody,
    basis: z
      .object({
        from: businessDate,
        to: businessDate,
        days: z.int(),
        merchantCount: z.int().describe('with those that an amendment adds'),
        budgetFen: sumFen.describe('what is left of it'),
      })
      .describe('what the forecast is of: of an amendment the rest of the campaign'),
    published: z.array(section).nullable().describe('the legal text as it is now; null: none is published yet'),
  })
  .meta({ id: 'ReviewPreview' })
export const reviewPreviewQuery = z.object({
  ordersPerMerchantPerDay: z.coerce.number().min(0).max(10_000).default(15),
})

export type PreviewBody = z.input<typeof previewBody>
export type PreviewView = z.infer<typeof previewView>
export type ReviewPreview = z.infer<typeof reviewPreview>

import { z } from 'zod'
import {
  amendment,
  brakeView,
  branchCode,
  campaignId,
  campaignState,
  changeView,
  cursor,
  note,
  ruleBody,
  search,
  sumFen,
  termsShape,
  window,
} from './admin-common'
import { importQuery, importView } from './admin-merchant'
import { businessDate, channelName, fen, merchantCode, timestamp } from './common'

export const campaignBody = z
  .object({
    ...termsShape,
    merchantCodes: z.array(merchantCode).max(5_000).default([]).describe('more than that: import them as CSV'),
    controlCodes: z.array(merchantCode).max(5_000).default([]).describe('left out on purpose, to compare with'),
  })
  .meta({ id: 'CampaignRequest' })
/** Fields that are left out stay as they are; with the campaign's ETag in If-Match. */
export const campaignPatch = z
  .object({
    ...termsShape,
    // a default would overwrite what was left out
    branchBudgets: termsShape.branchBudgets.removeDefault(),
    dailyBudgetFen: termsShape.dailyBudgetFen.removeDefault(),
    windows: termsShape.windows.removeDefault(),
    maxPerPayerPerDay: termsShape.maxPerPayerPerDay.removeDefault(),
    maxPerPayerPerCampaignDay: termsShape.maxPerPayerPerCampaignDay.removeDefault(),
    channels: termsShape.channels.removeDefault(),
    priority: termsShape.priority.removeDefault(),
    branchCode: termsShape.branchCode.removeDefault(),
    merchantCodes: z.array(merchantCode).max(5_000),
    controlCodes: z.array(merchantCode).max(5_000),
  })
  .partial()
  .meta({ id: 'CampaignPatchRequest' })

export const campaignSummary = z
  .object({
    campaignId,
    revision: z.int().describe('also the ETag: "<revision>"'),
    name: z.string(),
    state: campaignState.describe('as of today'),
    startDate: businessDate,
    endDate: businessDate,
    branchCode: branchCode.nullable(),
    headline: z.string(),
    budgetFen: sumFen,
    committedFen: sumFen.describe(
      'what its closed decks did cost, and the others could cost by the rule: not what their cards come to, which nobody may see; at most the budget (I7)',
    ),
    merchantCount: z.int(),
    priority: z.int(),
    openChange: changeView.nullable().describe('what is reviewed next; a pause in force comes first'),
    behind: changeView.nullable().describe('what waits for review behind a pause in force'),
    brake: brakeView.nullable().describe('pulled on this campaign: it gives nothing'),
    updatedAt: timestamp,
  })
  .meta({ id: 'CampaignSummary' })
export const campaignList = z
  .object({ items: z.array(campaignSummary), nextCursor: z.string().optional() })
  .meta({ id: 'CampaignList' })
export const campaignQuery = z.object({
  state: campaignState.optional(),
  q: search.optional(),
  branchCode: branchCode.optional(),
  cursor: cursor.optional(),
})

const overlap = z.object({
  campaignId,
  name: z.string(),
  priority: z.int(),
  merchants: z.int().describe('that both name while both are on'),
  wins: z.boolean().describe('the other one applies there'),
})
export const today = z
  .object({
    businessDate,
    slots: z.int().describe('dealt'),
    used: z.int(),
    merchants: z.int().describe('with a deck'),
    short: z.int().describe('merchants with fewer cards than the rule says, for want of budget'),
    costFen: sumFen.describe('discounts of paid orders, both shares'),
    mostFen: sumFen.describe('what decks of so many cards can cost at the most by the rule'),
    leftFen: sumFen.nullable().describe('what may still be dealt of the day; null where it has no budget of its own'),
  })
  .meta({ id: 'CampaignToday' })
export const section = z.object({ title: z.string(), lines: z.array(z.string()) })
export const campaignDetail = campaignSummary
  .extend({
    organiser: z.string(),
    version: z.int(),
    rule: ruleBody,
    dailyBudgetFen: sumFen.nullable(),
    windows: z.array(window),
    windowsWords: z.string().nullable().describe('the same as payers read it; null: always'),
    openToday: z.boolean().describe('there are decks of it today, as far as its windows say'),
    branchBudgets: z.array(z.object({ branchCode, branchName: z.string(), budgetFen: sumFen, committedFen: sumFen })),
    maxPerPayerPerDay: z.int().nullable(),
    maxPerPayerPerCampaignDay: z.int().nullable(),
    channels: z.array(channelName).describe('which channels carry the discount'),
    controlCount: z.int(),
    maxPayerDiscountFen: fen,
    disclosure: z.array(section).describe('the legal text, derived from the rule'),
    overlaps: z.array(overlap),
    madeBy: z.string(),
    approvedBy: z.string().nullable(),
    today: today.nullable().describe('null before the start and after the end'),
    daysLeft: z
      .number()
      .nullable()
      .describe('how many days the budget lasts at the pace of the last seven; null when unknown'),
  })
  .meta({ id: 'Campaign' })

export const askBody = z.object({ note: note.optional() }).meta({ id: 'ChangeRequest' })
export const reviewBody = z.object({ note: note.optional() }).meta({ id: 'ReviewRequest' })
export const amendBody = amendment.extend({ note: note.optional() }).meta({ id: 'AmendRequest' })

/** One step of a campaign's life, oldest first. */
export const historyView = z
  .object({
    items: z.array(
      z.object({
        at: timestamp,
        username: z.string(),
        action: z.string().describe('e.g. campaign.create, campaign.submit, campaign.approve, campaign.start'),
        note: z.string().nullable(),
        state: campaignState.nullable().describe('the campaign’s from then on'),
      }),
    ),
  })
  .meta({ id: 'CampaignHistory' })

/** What a reviewer compares: the terms field by field, before and after. */
export const reviewItem = changeView
  .extend({
    revision: z.int(),
    mayReview: z.boolean().describe('false for one’s own, and for a promise at shops of another branch'),
    diff: z.array(z.object({ field: z.string(), before: z.unknown().nullable(), after: z.unknown().nullable() })),
  })
  .meta({ id: 'ReviewItem' })
const listRole = z.enum(['merchant', 'control'])
/** What changed since a launch was last rejected, and the merchants of what waits for review. */
export const comparison = z
  .object({
    since: z
      .object({
        changeId: z.string(),
        by: z.string(),
        at: timestamp,
        note: z.string().nullable().describe('why it was rejected'),
        diff: reviewItem.shape.diff,
      })
      .nullable()
      .describe('null: it was never rejected'),
    counts: z.object({
      compared: z.boolean().describe('false: there is nothing to compare with, and what is added says nothing'),
      merchants: z.int(),
      controls: z.int(),
      added: z.int(),
      removed: z.int(),
      turned: z.int().describe('from one list to the other'),
    }),
    items: z.array(
      z.object({
        code: merchantCode,
        name: z.string(),
        branchCode,
        branchName: z.string(),
        role: listRole.nullable().describe('null: taken away'),
        was: listRole.nullable().describe('null: on neither list'),
      }),
    ),
    nextCursor: z.string().optional(),
  })
  .meta({ id: 'ReviewComparison' })
export const comparisonQuery = z.object({
  show: z.enum(['changed', 'all']).default('changed'),
  cursor: cursor.optional(),
})
export const reviewList = z.object({ items: z.array(reviewItem) }).meta({ id: 'ReviewList' })

/** A merchant's day in a campaign. */
export const campaignMerchant = z
  .object({
    code: merchantCode,
    name: z.string(),
    branchCode,
    branchName: z.string(),
    glAccount: z.string(),
    control: z.boolean(),
    deck: z
      .object({ total: z.int(), used: z.int(), leased: z.int().nullable().describe('null while it can’t be known') })
      .nullable(),
    shortage: z
      .object({ wanted: z.int(), dealt: z.int(), reason: z.enum(['campaign-budget', 'branch-budget', 'day-budget']) })
      .nullable()
      .describe('fewer cards than the rule says, and why'),
    costFen: sumFen,
    orderCount: z.int(),
    soldOutAt: timestamp.nullable(),
    overruledBy: z.string().nullable().describe('the name of another campaign that applies here instead'),
  })
  .meta({ id: 'CampaignMerchant' })
export const campaignMerchantList = z
  .object({ items: z.array(campaignMerchant), nextCursor: z.string().optional() })
  .meta({ id: 'CampaignMerchantList' })
export const campaignMerchantQuery = z.object({
  date: businessDate.optional(),
  q: search.optional(),
  only: z.enum(['short', 'sold-out', 'control']).optional(),
  cursor: cursor.optional(),
})

/** A CSV file with a column of merchant codes, or of codes alone: it replaces a draft's list. */
export const campaignImportQuery = importQuery.extend({
  role: z.enum(['merchant', 'control']).default('merchant').describe('control: those left out on purpose'),
})
export const campaignImport = importView
  .extend({ removed: z.int().describe('that the list named before') })
  .meta({ id: 'CampaignImport' })

/** What a list that a person picked holds; nothing of it is kept. */
export const merchantCodeFile = z
  .object({
    lines: z.int(),
    count: z.int().describe('codes without a fault'),
    codes: z.array(merchantCode).nullable().describe('null when there are more than 5,000, or a fault'),
    faults: importView.shape.faults,
    faultCount: z.int(),
  })
  .meta({ id: 'MerchantCodeFile' })

export type MerchantCodeFile = z.infer<typeof merchantCodeFile>
export type CampaignImport = z.infer<typeof campaignImport>
export type CampaignSummary = z.infer<typeof campaignSummary>
export type CampaignList = z.infer<typeof campaignList>
export type CampaignDetail = z.infer<typeof campaignDetail>
export type CampaignBody = z.input<typeof campaignBody>
export type CampaignPatch = z.input<typeof campaignPatch>
export type AmendBody = z.input<typeof amendBody>
export type CampaignHistory = z.infer<typeof historyView>
export type ReviewItem = z.infer<typeof reviewItem>
export type ReviewComparison = z.infer<typeof comparison>
export type ReviewList = z.infer<typeof reviewList>
export type CampaignMerchant = z.infer<typeof campaignMerchant>
export type CampaignMerchantList = z.infer<typeof campaignMerchantList>

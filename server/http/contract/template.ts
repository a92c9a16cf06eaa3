import { z } from 'zod'
import { branchCode, campaignId, ruleBody, sumFen, username, window } from './admin-common'
import { channelName, timestamp } from './common'
import { humanText } from './text'

export const templateId = z.string().regex(/^T[0-9a-f]{16}$/)
const name = humanText(2, 40)

/** What a campaign may begin with: everything but its name, its dates and its merchants. */
export const templateView = z
  .object({
    templateId,
    name: z.string().describe('of the template'),
    branchCode: branchCode.nullable().describe('whose makers it is for; null: everybody’s'),
    terms: z.object({
      organiser: z.string(),
      rule: ruleBody,
      budgetFen: sumFen,
      dailyBudgetFen: sumFen.nullable(),
      windows: z.array(window),
      branchBudgets: z.array(z.object({ branchCode, budgetFen: sumFen })),
      maxPerPayerPerDay: z.int().nullable(),
      maxPerPayerPerCampaignDay: z.int().nullable(),
      channels: z.array(channelName),
      priority: z.int(),
    }),
    madeBy: username,
    madeAt: timestamp,
    mayDelete: z.boolean(),
  })
  .meta({ id: 'CampaignTemplate' })
export const templateList = z.object({ items: z.array(templateView) }).meta({ id: 'CampaignTemplateList' })
export const templateBody = z
  .object({ name, campaignId: campaignId.describe('whose terms are kept, as they are now') })
  .meta({ id: 'CampaignTemplateRequest' })

export type TemplateView = z.infer<typeof templateView>
export type TemplateList = z.infer<typeof templateList>
export type TemplateBody = z.input<typeof templateBody>

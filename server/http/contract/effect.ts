import { z } from 'zod'
import { campaignId, sumFen } from './admin-common'
import { businessDate } from './common'

/** Own-channel orders of all orders. Without orders the share is null: unknown, not nought. */
const phase = z.object({ orders: z.int(), own: z.int(), share: z.number().nullable() })
const arm = z.object({
  merchants: z.int(),
  unknown: z.int().describe('of them, those of whose other channels nothing is known; they count nowhere'),
  before: phase,
  during: phase.describe('up to the last look'),
  after: phase,
})
const estimate = z
  .object({ points: z.number(), low: z.number(), high: z.number() })
  .nullable()
  .describe(
    'percentage points; the interval covers the truth at all looks together with 95 %; null: nothing can be said',
  )

export const campaignEffect = z
  .object({
    campaignId,
    state: z
      .enum(['unmeasurable', 'waiting', 'too-few', 'measured'])
      .describe(
        'unmeasurable: other channels’ orders aren’t known; waiting: for the first look; too-few: merchants in an arm',
      ),
    startDate: businessDate,
    plannedEndDate: businessDate.describe('as first approved: looks are planned by it'),
    plannedDays: z.int(),
    looks: z.array(
      z.object({
        businessDate,
        each: estimate,
        weighted: estimate,
        treatedMerchants: z.int(),
        controlMerchants: z.int(),
      }),
    ),
    nextLook: businessDate.nullable(),
    treated: arm,
    control: arm,
    points: z.array(z.object({ businessDate, treated: z.number().nullable(), control: z.number().nullable() })),
    joinedLater: z.int().describe('merchants that joined while it ran: not drawn, and so not measured'),
    drawn: z
      .object({ percent: z.int(), commitment: z.string(), listHash: z.string(), keyId: z.string() })
      .nullable()
      .describe('how the controls were drawn at random; null: somebody chose them'),
    power: z
      .object({ points: z.number(), treatedMerchants: z.int(), controlMerchants: z.int() })
      .nullable()
      .describe('until the first look: the smallest effect that would show at the end with a chance of 80 %'),
    cost: z
      .object({
        orders: z.int().describe('own-channel orders more than without the campaign'),
        costFen: sumFen,
        perOrderFen: sumFen,
        lowFen: sumFen,
        highFen: sumFen.nullable().describe('null: perhaps there were none more'),
      })
      .nullable(),
  })
  .meta({ id: 'CampaignEffect' })

export const controlDraw = z
  .object({ percent: z.int().min(5).max(50).describe('of all merchants that the draft names') })
  .meta({ id: 'ControlDrawRequest' })

export type CampaignEffect = z.infer<typeof campaignEffect>

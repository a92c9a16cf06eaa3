import { createHash } from 'node:crypto'
import { daysFrom } from '../../domain/business-date'
import { headline } from '../../domain/campaign'
import type { ChannelName } from '../../domain/channel'
import { deal } from '../../domain/deck'
import { disclosure, type Section } from '../../domain/disclosure'
import type { Forecast } from '../../domain/forecast'
import { bandCount, type Period, type Rule, ruleFaults } from '../../domain/rule'
import type { Random, Work } from '../ports'
import { forecastTask } from './forecast'
import { pathOf } from './review'

export interface PreviewInput extends Period {
  rule: Rule
  budgetFen: number
  merchantCount: number
  maxPerPayerPerDay: number | null
  channels: readonly ChannelName[]
  organiser: string
  ordersPerMerchantPerDay: number
}

export interface Preview {
  /** `field` is its path in the request */
  faults: { field: string; code: string; message: string }[]
  /** null when there are faults, as the rest is */
  sample: { amountsFen: number[]; inBand: number } | null
  forecast: Forecast | null
  headline: string | null
  disclosure: Section[] | null
}

/**
 * What a campaign of these terms would be: one deck dealt from a random seed, its forecast, headline and legal text. It is
 * the same code that deals, so the preview can't promise something else. The same terms give the same forecast.
 */
export async function preview(
  { random, work }: { random: Random; work: Work },
  input: PreviewInput,
  by: Parameters<Work['run']>[2],
): Promise<Preview> {
  const { rule, startDate, endDate, maxPerPayerPerDay, channels, organiser } = input
  const faults = ruleFaults({ ...rule, startDate, endDate }).map((one) => ({ ...one, field: pathOf(one.field) }))
  if (faults.length > 0) return { faults, sample: null, forecast: null, headline: null, disclosure: null }
  const days = daysFrom(startDate, endDate) + 1
  const seed = createHash('sha256').update(JSON.stringify(input)).digest().readUInt32BE()
  return {
    faults,
    sample: { amountsFen: deal(rule, random(32)), inBand: bandCount(rule) },
    forecast: await work.run(forecastTask, { input: { ...input, days }, seed }, by),
    headline: headline(rule),
    disclosure: disclosure({ rule, startDate, endDate, maxPerPayerPerDay, channels, organiser }),
  }
}

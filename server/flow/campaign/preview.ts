import { createHash } from 'node:crypto'
import { daysFrom } from '../../domain/business-date'
import { headline } from '../../domain/campaign'
import { deal } from '../../domain/deck'
import { disclosure, type Section } from '../../domain/disclosure'
import type { Forecast } from '../../domain/forecast'
import { type House, type Promised, type TermsFault, termsFaults } from '../../domain/promise'
import { bandCount } from '../../domain/rule'
import type { Random, Work } from '../ports'
import { forecastTask } from './forecast'

export interface PreviewInput extends Promised {
  merchantCount: number
  organiser: string
  ordersPerMerchantPerDay: number
}

export interface Preview {
  /** `field` is its path in the request */
  faults: TermsFault[]
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
  deps: House & { random: Random; work: Work },
  input: PreviewInput,
  by: Parameters<Work['run']>[2],
): Promise<Preview> {
  const { rule, startDate, endDate, channels, organiser } = input
  const { maxPerPayerPerDay, maxPerPayerPerCampaignDay } = input
  const faults = termsFaults(input, deps, input.merchantCount)
  if (faults.length > 0) return { faults, sample: null, forecast: null, headline: null, disclosure: null }
  const days = daysFrom(startDate, endDate) + 1
  const seed = createHash('sha256').update(JSON.stringify(input)).digest().readUInt32BE()
  return {
    faults,
    sample: { amountsFen: deal(rule, deps.random(32)), inBand: bandCount(rule) },
    forecast: await deps.work.run(forecastTask, { input: { ...input, days }, seed }, by),
    headline: headline(rule),
    disclosure: disclosure({
      rule,
      startDate,
      endDate,
      maxPerPayerPerDay,
      maxPerPayerPerCampaignDay,
      channels,
      organiser,
    }),
  }
}

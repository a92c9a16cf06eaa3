import { createHash } from 'node:crypto'
import { headline } from '../../domain/campaign'
import { deal } from '../../domain/deck'
import { disclosure, type Section } from '../../domain/disclosure'
import type { Forecast } from '../../domain/forecast'
import { type House, type Promised, type TermsFault, termsFaults } from '../../domain/promise'
import { bandCount } from '../../domain/rule'
import { openDays } from '../../domain/window'
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

export interface PreviewDeps extends House {
  random: Random
  work: Work
}

/**
 * What a campaign of these terms would be: one deck dealt from a random seed, its forecast, headline and legal text. It is
 * the same code that deals, so the preview can't promise something else. The same terms give the same forecast.
 */
export async function preview(
  deps: PreviewDeps,
  input: PreviewInput,
  by: Parameters<Work['run']>[2],
): Promise<Preview> {
  const faults = termsFaults(input, deps, input.merchantCount)
  if (faults.length > 0) return { faults, sample: null, forecast: null, headline: null, disclosure: null }
  return { faults, ...(await outcome(deps, input, openDays(input.windows, input.startDate, input.endDate), by)) }
}

/** The same over so many days with decks, of terms whose rule has no fault. */
export async function outcome(
  deps: PreviewDeps,
  input: PreviewInput,
  days: number,
  by: Parameters<Work['run']>[2],
): Promise<Omit<Preview, 'faults'>> {
  const { rule, merchantCount, budgetFen, dailyBudgetFen, ordersPerMerchantPerDay } = input
  const simulated = { rule, days, merchantCount, budgetFen, dailyBudgetFen, ordersPerMerchantPerDay }
  const seed = createHash('sha256').update(JSON.stringify(simulated)).digest().readUInt32BE()
  return {
    sample: { amountsFen: deal(rule, deps.random(32)), inBand: bandCount(rule) },
    forecast: await deps.work.run(forecastTask, { input: simulated, seed }, by),
    headline: headline(rule),
    disclosure: disclosure(input),
  }
}

import { businessDate, daysFrom } from '../../domain/business-date'
import { asksAgain, baselineOf, type Measures, measure, QUEUE_SCORE, score } from '../../domain/suspicion'
import type { Clock, FoundDay, Operators, Suspicions } from '../ports'

export interface ScoreDeps {
  suspicions: Suspicions
  clock: Clock
  /** asked at each page; what it throws ends the run, and the date is let go */
  goOn?(): void
}

export interface ScoreProgress {
  date: string
  campaignId: string
  merchants: number
  found: number
}

export type ScoreResult =
  /** `merchants`: whose day was held against the others'; `found`: days put before people */
  { kind: 'scored'; merchants: number; found: number } | { kind: 'running' | 'done' }

/** A page of merchants has some 400 orders, and each payer's last weeks: far from the time a statement may take. */
const PAGE = 20
/** A process that dies gives the date up after this long; every page says again that it lives. */
const HOLD_MS = 60_000

/**
 * Scores a business date from the ledger: every merchant that had a deck, campaign by campaign, held against the others of its
 * campaign. Read twice and kept nowhere: once for what is usual, and those that stand out again for their evidence. Whoever
 * begins after a crash begins anew, and the same facts find the same. `anew`: also when it was done before.
 * @throws LedgerUnavailable; the date may be scored again
 */
export async function scoreDay(
  deps: ScoreDeps,
  date: string,
  { anew, onProgress }: { anew: boolean; onProgress?(progress: ScoreProgress): void },
): Promise<ScoreResult> {
  const { suspicions, clock } = deps
  const begun = await suspicions.begin(date, HOLD_MS, anew)
  if (begun !== 'begun') return { kind: begun }
  try {
    const sum = await scoreAll(deps, date, onProgress)
    await suspicions.finish(date, sum, clock.now())
    return { kind: 'scored', ...sum }
  } catch (error) {
    // So that whoever tries again need not wait. If the ledger is away, the hold ends by itself.
    await suspicions.keep(date, 0).catch(() => {})
    throw error
  }
}

async function scoreAll(deps: ScoreDeps, date: string, onProgress?: (progress: ScoreProgress) => void) {
  const { suspicions } = deps
  const sum = { merchants: 0, found: 0 }
  for (const campaign of await suspicions.campaignsOn(date)) {
    const of = { ...campaign, date }
    const measures = await measured(deps, of)
    const baseline = baselineOf([...measures.values()])
    const high = [...measures].filter(([, one]) => score(one, baseline).score >= QUEUE_SCORE).map(([code]) => code)
    let found = 0
    for (let from = 0; from < high.length; from += PAGE) {
      const merchantCodes = high.slice(from, from + PAGE)
      const days = await suspicions.merchantDays({ ...of, merchantCodes })
      const scored = days.map((day) => ({
        ...of,
        merchantCode: day.merchantCode,
        scored: score(measure(day), baseline),
      }))
      found += await suspicions.record(await worthAsking(suspicions, scored))
      await alive(deps, date)
    }
    sum.merchants += measures.size
    sum.found += found
    onProgress?.({ date, campaignId: campaign.campaignId, merchants: measures.size, found })
  }
  return sum
}

/** Every merchant's counts of the date; the orders behind them are let go, page by page. */
async function measured(
  deps: ScoreDeps,
  of: { campaignId: string; date: string; thresholdFen: number },
): Promise<Map<string, Measures>> {
  const { suspicions } = deps
  const measures = new Map<string, Measures>()
  for (let after = '', full = true; full; ) {
    const merchantCodes = await suspicions.merchantsOn(of.campaignId, of.date, after, PAGE)
    for (const day of await suspicions.merchantDays({ ...of, merchantCodes }))
      measures.set(day.merchantCode, withoutOrders(measure(day)))
    await alive(deps, of.date)
    full = merchantCodes.length === PAGE
    after = merchantCodes.at(-1) ?? after
  }
  return measures
}

async function alive({ goOn, suspicions }: ScoreDeps, date: string): Promise<void> {
  goOn?.()
  await suspicions.keep(date, HOLD_MS)
}

function withoutOrders(measures: Measures): Measures {
  const entries = Object.entries(measures).map(([indicator, one]) => [indicator, { ...one, orderNos: [] }])
  return Object.fromEntries(entries) as Measures
}

/** Without those that people dismissed a short while ago and that look no worse. */
async function worthAsking(suspicions: Suspicions, found: FoundDay[]): Promise<FoundDay[]> {
  const [first] = found
  if (!first) return []
  const codes = found.map(({ merchantCode }) => merchantCode)
  const dismissed = new Map(
    (await suspicions.lastDismissed(first.campaignId, codes)).map((one) => [one.merchantCode, one]),
  )
  return found.filter(({ merchantCode, date, scored }) => {
    const last = dismissed.get(merchantCode)
    return !last || asksAgain({ score: last.score, daysAgo: daysFrom(last.date, date) }, scored)
  })
}

export type HandResult =
  | Extract<ScoreResult, { kind: 'scored' }>
  /** `day-not-over`: its orders are still coming; `scoring-running`: another process is at it */
  | { kind: 'refused'; code: 'day-not-over' | 'scoring-running' }

/** As {@link scoreDay}, for an operator who wants a date scored now, whether or not it is reconciled; the log says so. */
export async function scoreByHand(
  deps: ScoreDeps & { operators: Pick<Operators, 'log'> },
  date: string,
  username: string,
): Promise<HandResult> {
  const at = deps.clock.now()
  if (date >= businessDate(at)) return { kind: 'refused', code: 'day-not-over' }
  const result = await scoreDay(deps, date, { anew: true })
  if (result.kind !== 'scored') return { kind: 'refused', code: 'scoring-running' }
  const { merchants, found } = result
  await deps.operators.log({
    at,
    username,
    action: 'suspicion.score',
    subject: `scoring/${date}`,
    after: { merchants, found },
  })
  return result
}

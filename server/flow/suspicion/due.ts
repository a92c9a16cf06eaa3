import { addDays, businessDate } from '../../domain/business-date'
import { OWN_CHANNEL } from '../../domain/channel'
import { isTrusted, type Reconciliations } from '../ports'
import { type ScoreDeps, type ScoreProgress, type ScoreResult, scoreDay } from './score'

export interface ScoreDueDeps extends ScoreDeps {
  reconciliations: Pick<Reconciliations, 'isMatched' | 'lastMatched'>
}

/**
 * Scores the earliest date that is over, reconciled and not scored: the day after the last one, or the last that was reconciled
 * where none was ever scored. Undefined while there is none, or the clock is doubtful. Several processes may ask at once: one
 * gets the date.
 * @throws as scoreDay
 */
export async function scoreDue(
  deps: ScoreDueDeps,
  onProgress?: (progress: ScoreProgress) => void,
): Promise<{ date: string; result: ScoreResult } | undefined> {
  if (!isTrusted(deps.clock)) return undefined
  const last = await deps.suspicions.lastScored()
  const date = last === undefined ? await deps.reconciliations.lastMatched(OWN_CHANNEL) : addDays(last, 1)
  if (date === undefined || date >= businessDate(deps.clock.now())) return undefined
  if (!(await deps.reconciliations.isMatched({ channel: OWN_CHANNEL, date }))) return undefined
  return { date, result: await scoreDay(deps, date, { anew: false, onProgress }) }
}

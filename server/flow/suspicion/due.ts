import { addDays, businessDate } from '../../domain/business-date'
import { isTrusted } from '../ports'
import { type ScoreDeps, type ScoreProgress, type ScoreResult, scoreDay } from './score'

/** So far back days that were missed are caught up with; four weeks are what a payer is looked at over. */
const BACK_DAYS = 28

/**
 * Scores the earliest date of the last four weeks that is reconciled and hasn't been scored since, whatever was scored by hand in
 * between. Undefined while there is none, or the clock is doubtful. Several processes may ask at once: one gets the date.
 * @throws as scoreDay
 */
export async function scoreDue(
  deps: ScoreDeps,
  onProgress?: (progress: ScoreProgress) => void,
): Promise<{ date: string; result: ScoreResult } | undefined> {
  if (!isTrusted(deps.clock)) return undefined
  const today = businessDate(deps.clock.now())
  const date = await deps.suspicions.dueFrom(addDays(today, -BACK_DAYS))
  if (date === undefined || date >= today) return undefined
  return { date, result: await scoreDay(deps, date, { anew: true, onProgress }) }
}

import { addDays, businessDate, endOfBusinessDate } from '../../domain/business-date'
import { isTrusted, type ReconciledDay, type Reconciliations } from '../ports'
import { type ReconcileDeps, type ReconcileResult, reconcileDay } from './reconcile'

/** Who reconciles by the clock, in the log of what operators do. */
const BY = 'system'

/**
 * Reconciles the earliest business date that is over and due: the day after the last one done, or yesterday if none ever was.
 * A day is due `fromMs` after its midnight, when the bank has its statement. Undefined when nothing is due, or the clock is doubtful. Several
 * processes may ask at once: one gets the day, the others are refused as `reconciliation-running`.
 * @throws as reconcileDay
 */
export async function reconcileDue(
  deps: ReconcileDeps,
  fromMs: number,
): Promise<{ date: string; result: ReconcileResult } | undefined> {
  if (!isTrusted(deps.clock)) return undefined
  const last = await deps.reconciliations.lastMatched()
  const yesterday = addDays(businessDate(deps.clock.now()), -1)
  const date = last === undefined ? yesterday : addDays(last, 1)
  if (date > yesterday || deps.clock.now() < endOfBusinessDate(date) + fromMs) return undefined
  return { date, result: await reconcileDay(deps, date, BY) }
}

export interface ListedDay {
  date: string
  /** `missing`: not reconciled and nobody is at it */
  state: 'missing' | 'running' | 'balanced' | 'differences'
  lines: number | null
  openCount: number | null
  matchedAt: number | null
}

/** The last `days` business dates up to `to` (yesterday unless told), newest first, reconciled or not. */
export async function listDays(
  deps: { reconciliations: Pick<Reconciliations, 'days'>; clock: { now(): number } },
  to: string | undefined,
  days: number,
): Promise<ListedDay[]> {
  const now = deps.clock.now()
  const last = to ?? addDays(businessDate(now), -1)
  const known = new Map((await deps.reconciliations.days(addDays(last, 1 - days), last)).map((day) => [day.date, day]))
  return Array.from({ length: days }, (_, i) => listed(addDays(last, -i), known.get(addDays(last, -i)), now))
}

function listed(date: string, day: ReconciledDay | undefined, now: number): ListedDay {
  if (day?.matchedAt == null) {
    const state = day && day.heldUntil > now ? 'running' : 'missing'
    return { date, state, lines: null, openCount: null, matchedAt: null }
  }
  const { lines, openCount, matchedAt } = day
  const settled = day.proven && day.unanswered === 0 && openCount === 0
  return { date, state: settled ? 'balanced' : 'differences', lines, openCount, matchedAt }
}

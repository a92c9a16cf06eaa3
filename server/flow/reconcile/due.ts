import { addDays, businessDate, endOfBusinessDate } from '../../domain/business-date'
import type { ChannelName } from '../../domain/channel'
import type { BookDay } from '../../domain/match'
import { isSettled, type Standing, standingOf } from '../../domain/standing'
import { isTrusted, type ReconciledDay, type Reconciliations } from '../ports'
import { type ReconcileDeps, type ReconcileResult, reconcileDay } from './reconcile'
import { sourceOf } from './source'

/** Who reconciles by the clock, in the log of what operators do. */
const BY = 'system'

/** A statement that is so much later than it is due doesn't come by itself: some channels say of a day without trades nothing else. */
const OVERDUE_MS = 86_400_000

/**
 * Reconciles the earliest business date of a channel that is over and due: the day after the last one done, or the first that
 * has orders. A day is due so long after its midnight as the channel's statement needs. Undefined when nothing is due, the clock is
 * doubtful, or the channel is reconciled by hand alone. Several processes may ask at once: one gets the day, the others are refused as
 * `reconciliation-running`. A day whose statement doesn't come is an alarm each time, for the days after it wait for it.
 * @throws as reconcileDay
 */
export async function reconcileDue(
  deps: ReconcileDeps,
  channel: ChannelName,
): Promise<{ date: string; result: ReconcileResult } | undefined> {
  if (!isTrusted(deps.clock)) return undefined
  const fromMs = sourceOf(deps, channel)?.reconcileFromMs ?? null
  if (fromMs === null) return undefined
  const last = await deps.reconciliations.lastMatched(channel)
  const yesterday = addDays(businessDate(deps.clock.now()), -1)
  const date = last === undefined ? await deps.reconciliations.firstDay(channel) : addDays(last, 1)
  if (date === undefined || date > yesterday) return undefined
  const lateMs = deps.clock.now() - endOfBusinessDate(date) - fromMs
  if (lateMs < 0) return undefined
  const result = await reconcileDay(deps, { channel, date }, BY)
  if (result.kind === 'refused' && result.code === 'statement-not-ready' && lateMs >= OVERDUE_MS)
    deps.onAlarm({ code: 'statement-overdue', orderNo: `${channel} ${date}` })
  return { date, result }
}

export interface ListedDay extends BookDay {
  /** `none`: before the first day that has orders; `missing`: not reconciled and nobody is at it */
  state: 'none' | 'missing' | 'running' | 'balanced' | 'differences'
  lines: number | null
  openCount: number | null
  waitingCount: number | null
  says: Standing | null
  matchedAt: number | null
}

/** The last `days` business dates of a channel up to `to` (yesterday unless told), newest first, reconciled or not. */
export async function listDays(
  deps: { reconciliations: Pick<Reconciliations, 'days' | 'firstDay'>; clock: { now(): number } },
  channel: ChannelName,
  to: string | undefined,
  days: number,
): Promise<ListedDay[]> {
  const last = to ?? addDays(businessDate(deps.clock.now()), -1)
  const first = await deps.reconciliations.firstDay(channel)
  const begun = await deps.reconciliations.days(channel, addDays(last, 1 - days), last)
  const known = new Map(begun.map((day) => [day.date, day]))
  const dates = Array.from({ length: days }, (_, i) => addDays(last, -i))
  return dates.map((date) => ({ channel, date, ...standing(date, known.get(date), first) }))
}

function standing(
  date: string,
  day: ReconciledDay | undefined,
  first: string | undefined,
): Omit<ListedDay, keyof BookDay> {
  if (day?.matchedAt == null) {
    const missing = first === undefined || date < first ? 'none' : 'missing'
    const state = day?.held ? 'running' : missing
    return { state, lines: null, openCount: null, waitingCount: null, says: null, matchedAt: null }
  }
  const { lines, openCount, matchedAt, reissued, left } = day
  const result = day.result!
  return {
    state: isSettled({ proven: result.proven, reissued, left }) ? 'balanced' : 'differences',
    lines,
    openCount,
    waitingCount: left.short.count + left.others.count - openCount,
    says: standingOf(result, left),
    matchedAt,
  }
}

import { addDays } from '../../domain/business-date'
import { type BookDay, dayName } from '../../domain/match'
import type { Reconciliations } from '../ports'

export type OutOfTurn =
  /** its orders are in a file, and its lines with them */
  | { kind: 'refused'; code: 'day-archived'; detail: string }
  /** nothing can be in it: the channel had no orders yet */
  | { kind: 'refused'; code: 'before-first-day'; detail: string }
  /** `days`: earlier ones that aren't reconciled, to be taken first; the earliest of them where they are many */
  | { kind: 'refused'; code: 'day-before-missing'; detail: string; days: string[] }
  /** a later day is reconciled, and this one isn't */
  | { kind: 'refused'; code: 'day-passed'; detail: string }

/** So many dates are named at once: a month. */
const NAMED = 31

/**
 * Why a day can't be reconciled yet, or any more. The days of a channel are reconciled in turn, from the first that has orders
 * of it on: what one day carries over (日切), the next must hold. A day that is done may be looked at again until it is archived. One that was
 * archived before its channel came to it is reconciled all the same: had the channel been paid on it, it would have been in the archive's way.
 */
export async function outOfTurn(books: Reconciliations, day: BookDay): Promise<OutOfTurn | undefined> {
  const { channel, date } = day
  const [archived, matched] = [await books.isArchived(date), await books.isMatched(day)]
  if (matched && !archived) return undefined
  const last = await books.lastMatched(channel)
  // A channel that was never reconciled stood in no archive's way, and may have had orders there.
  if (archived && (matched || last === undefined))
    return {
      kind: 'refused',
      code: 'day-archived',
      detail: `the orders of ${date} are archived, and its books are closed`,
    }
  if (last !== undefined && last > date)
    return { kind: 'refused', code: 'day-passed', detail: `${dayName({ channel, date: last })} is reconciled already` }
  const first = await books.firstDay(channel)
  if (first === undefined || date < first) {
    const detail = first === undefined ? `${channel} has no orders yet` : `the first day of ${channel} is ${first}`
    return { kind: 'refused', code: 'before-first-day', detail }
  }
  const days = await books.openDays(channel, first, addDays(date, -1), NAMED)
  if (days.length === 0) return undefined
  return { kind: 'refused', code: 'day-before-missing', detail: `not reconciled yet: ${days.join(', ')}`, days }
}

import type { Pace } from '../../flow/ports'
import type { Outstanding } from '../../flow/reconcile/outstanding'
import { budgetOf, type DayAtAGlance } from '../../flow/report/today'
import type { HomeView } from '../contract'
import { presentDay } from './desk'
import { iso, isoOrNull } from './iso'

/** `books`: null for who doesn't see them. */
export function presentHome(
  { at, stuck, campaigns, ...day }: DayAtAGlance,
  paces: ReadonlyMap<string, Pace>,
  books: Outstanding | null,
): HomeView {
  return {
    ...day,
    at: iso(at),
    stuck: { ...stuck, since: isoOrNull(stuck.since) },
    campaigns: campaigns.map(({ windows, ...one }) => ({
      ...one,
      ...budgetOf({ windows, ...one }, paces, day.today.businessDate),
    })),
    books: books && { ...books, closing: books.closing.map(presentDay) },
  }
}

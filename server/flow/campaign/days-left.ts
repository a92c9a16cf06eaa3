import { addDays } from '../../domain/business-date'
import type { Campaign } from '../../domain/campaign'
import { openDays } from '../../domain/window'
import type { Pace } from '../ports'

/** The pace of a budget is that of so many whole days. */
export const PACE_DAYS = 7

type Bounded = Pick<Campaign, 'budgetFen' | 'endDate' | 'windows'>

/**
 * How many days of its windows what nobody has drawn of the budget lasts at that pace, to a tenth, whatever is dealt of it ahead; null
 * when nothing was spent.
 */
export function daysLeft(of: Bounded, pace: Pace | null | undefined, today: string): number | null {
  const days = pace ? dealtDays(of, today, pace.days) : 0
  if (!pace || days <= 0 || pace.costFen <= 0) return null
  const leftFen = Math.max(0, of.budgetFen - pace.spentFen)
  return Math.round((10 * leftFen * days) / pace.costFen) / 10
}

/** Of the last so many days of it, those on which its windows let decks be dealt: a budget lasts as many of them. */
function dealtDays({ windows, endDate }: Bounded, today: string, days: number): number {
  const last = [addDays(today, -1), endDate].sort()[0]!
  return openDays(windows, addDays(last, 1 - days), last)
}

/** Whoever asks for more budget needs so many days to have it reviewed. */
const SHORT_DAYS = 3

/** The budget is gone within days, and before the campaign is over; `endDate` is its last day. */
export function runsShort(of: Pick<Bounded, 'endDate' | 'windows'>, left: number | null, today: string): boolean {
  return left !== null && left < SHORT_DAYS && left < openDays(of.windows, today, of.endDate)
}

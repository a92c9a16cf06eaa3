import { addDays } from '../../dates'
import type { Span } from './day-chips'

/** First and last date of the week (from Monday) or month that has `today` in it, or of one so many before; never beyond today. */
export function spanOf(span: Span, today: string, back: number): { from: string; to: string } {
  let from = firstOf(span, today)
  let to = today
  for (let i = 0; i < back; i++) {
    to = addDays(from, -1)
    from = firstOf(span, to)
  }
  return { from, to }
}

function firstOf(span: Span, date: string): string {
  if (span === 'month') return `${date.slice(0, 8)}01`
  const sinceMonday = (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7
  return addDays(date, -sinceMonday)
}

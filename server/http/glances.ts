import { type Outstanding, outstanding } from '../flow/reconcile/outstanding'
import { budgetPaces, type DayAtAGlance, dayAtAGlance } from '../flow/report/today'
import type { HttpDeps } from './deps'
import { remembered } from './remembered'

/** However many operators look every few seconds, each of these is read once in so long. */
const GLANCE_MS = 2_000
const BOOKS_MS = 10_000
/** What it goes by changes at midnight alone, and reads a week of decks. */
const PACE_MS = 60_000

export interface Glances {
  /** of a branch, or of the whole bank */
  today(branchCode: string | null): Promise<DayAtAGlance>
  paces(): ReturnType<typeof budgetPaces>
  books(): Promise<Outstanding>
}

/** What the console's first page is made of, remembered. */
export function glances(deps: HttpDeps): Glances {
  const { elapsed } = deps
  /** by branch, of which there are few; '' is the whole bank */
  const known = new Map<string, () => Promise<DayAtAGlance>>()
  return {
    today(branchCode) {
      const of = branchCode ?? ''
      const glance = known.get(of) ?? remembered(GLANCE_MS, elapsed, () => dayAtAGlance(deps, branchCode))
      known.set(of, glance)
      return glance()
    },
    paces: remembered(PACE_MS, elapsed, () => budgetPaces(deps)),
    books: remembered(BOOKS_MS, elapsed, () => outstanding(deps)),
  }
}

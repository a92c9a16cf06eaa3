import { addDays, businessDate } from '../../domain/business-date'
import { type Clock, type Decks, isTrusted } from '../ports'

/** After the end of the day: a quote of its last second has ended by then, however long leases are configured to be. */
const AFTER_MS = 3_600_000
/** Decks of one statement, during which their campaigns' budgets are locked. */
const BATCH = 500

/**
 * Closes the decks of past days: what nobody drew of them can't cost anything any more and goes back to the budgets (I7).
 * A deck of which an order is unknown waits for it, and all do on a doubtful clock: a deck that is closed is drawn from no
 * more. `more` when there may be others; safe beside other processes.
 */
export async function closeDecks(deps: { decks: Decks; clock: Clock }): Promise<'more' | 'done'> {
  if (!isTrusted(deps.clock)) return 'done'
  const now = deps.clock.now()
  const lastDate = addDays(businessDate(now - AFTER_MS), -1)
  return (await deps.decks.close(lastDate, BATCH, now)) === BATCH ? 'more' : 'done'
}

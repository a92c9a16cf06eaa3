import { addDays, businessDate } from '../../domain/business-date'
import type { DeckKeys } from '../../domain/key-ring'
import { type Clock, type Decks, isTrusted } from '../ports'
import { amountsOf } from './cards'

/** Decks of one statement, during which their campaigns' budgets are locked. */
const BATCH = 500

export interface CloseDeps extends Pick<DeckKeys, 'campaignSecret'> {
  decks: Decks
  clock: Clock
  /** a lease after the end of the day no quote of it is left; whoever has one all the same is refused by the ledger */
  limits: { leaseTtlMs: number }
}

/**
 * Closes the decks of past days: what nobody drew of them can't cost anything any more and goes back to the budgets (I7), and so
 * does what refunds and corrections have brought back since; its cards are no secret any more. None on a doubtful clock: a deck that is closed is drawn from no
 * more. `more` when there may be others; safe beside other processes.
 */
export async function closeDecks(deps: CloseDeps): Promise<'more' | 'done'> {
  const { decks, clock, limits } = deps
  if (!isTrusted(clock)) return 'done'
  const now = clock.now()
  const lastDate = addDays(businessDate(now - limits.leaseTtlMs), -1)
  const closed = await decks.close(lastDate, BATCH, now, (deck) => amountsOf(deps, deck))
  const taken = await decks.takeBack(BATCH)
  return Math.max(closed, taken) === BATCH ? 'more' : 'done'
}

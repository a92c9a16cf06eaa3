import type { Logger } from 'pino'
import { type CloseDeps, closeDecks } from '../flow/deck/close-decks'
import { every } from './every'

/** Where a budget is nearly used up, today's decks wait for it. */
const PAUSE_MS = 60_000

/** Closes the decks of past days. Safe beside other processes doing the same. */
export function closeDecksJob(deps: CloseDeps, log: Logger) {
  return every('close-decks', PAUSE_MS, log, () => closeDecks(deps))
}

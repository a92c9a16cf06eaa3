import type { Logger } from 'pino'
import { closeDecks } from '../flow/deck/close-decks'
import type { Clock, Decks } from '../flow/ports'
import { every } from './every'

/** Nobody waits for it but a budget that is nearly used up. */
const PAUSE_MS = 5 * 60_000

/** Closes the decks of past days. Safe beside other processes doing the same. */
export function closeDecksJob(deps: { decks: Decks; clock: Clock }, log: Logger) {
  return every('close-decks', PAUSE_MS, log, () => closeDecks(deps))
}

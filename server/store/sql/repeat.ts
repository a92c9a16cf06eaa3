import { randomInt } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { LedgerUnavailable } from '../../flow/ports'
import { codeOf, isVictim, READ_ONLY } from './errors'

/** Those that gave way to each other meet again if they wait equally long, so each waits up to 20, 40, 80, 160 ms. */
const ATTEMPTS = 5
const WAIT_MS = 10

/**
 * Runs what is one transaction again when it was the victim of a deadlock or of another's change, or met a server that has become a standby
 * (switch-over.ts): each leaves nothing of it. It may do nothing but SQL. A deadlock is known: a payer opens an order on the very slot
 * whose order is being closed, each holding what the other waits for (the day, the slot). `anywhere`: also at the server that takes its place. @throws LedgerUnavailable after the last attempt
 */
export async function repeated<T>(attempt: () => Promise<T>, anywhere = true): Promise<T> {
  for (let nth = 1; ; nth++)
    try {
      return await attempt()
    } catch (error) {
      // Its connections are ended by then, and whoever is at the database's address now may take it.
      const readOnly = codeOf(error) === READ_ONLY
      if (!isVictim(error) && !(readOnly && anywhere)) throw error
      if (nth === ATTEMPTS && readOnly) throw error
      if (nth === ATTEMPTS) throw new LedgerUnavailable('the ledger is too busy with others', { cause: error })
      await wait(randomInt(WAIT_MS * 2 ** nth))
    }
}

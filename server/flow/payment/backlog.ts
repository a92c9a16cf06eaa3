import type { Clock, Ledger } from '../ports'

/** What waits for news, for whoever watches over the house. An order of a process whose clock is ahead is no younger than new. */
export async function backlog(deps: {
  ledger: Pick<Ledger, 'backlog'>
  clock: Clock
}): Promise<{ unknown: number; oldestMs: number; slotsToReturn: number }> {
  const { unknown, oldestUnknownAt, slotsToReturn } = await deps.ledger.backlog()
  const now = deps.clock.now()
  return { unknown, oldestMs: Math.max(0, now - (oldestUnknownAt ?? now)), slotsToReturn }
}

import type { Clock } from '../ports'

/** No payer is still at it after so long, whatever the channel: a payment without an ending then is one that somebody should see. */
export const STUCK_MS = 15 * 60_000

/** What narrows a list of orders to those. */
export function stuckOnly(stuck: boolean | undefined, clock: Clock) {
  return stuck ? { state: 'paying' as const, madeBefore: clock.now() - STUCK_MS } : {}
}

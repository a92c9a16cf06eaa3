/** No payer is still at it after so long, whatever the channel: a payment without an ending then is one that somebody should see. */
export const STUCK_MS = 15 * 60_000

import type { Channels } from '../ports'

/** The longest wait of any channel, ms: where one claim or one due time serves the orders of all of them. */
export function longest(channels: Channels, limit: 'firstQueryMs' | 'closeAfterMs'): number {
  return Math.max(0, ...[...channels.values()].map(({ limits }) => limits[limit]))
}

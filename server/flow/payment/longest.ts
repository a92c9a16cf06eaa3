import { CHANNELS, type ChannelName } from '../../domain/channel'
import type { Channels } from '../ports'

/** The longest wait of these channels, ms: where one claim or one due time serves the orders of all of them. */
export function longest(
  channels: Channels,
  limit: 'firstQueryMs' | 'closeAfterMs',
  of: readonly ChannelName[] = CHANNELS,
): number {
  return Math.max(0, ...of.map((name) => channels.get(name)?.limits[limit] ?? 0))
}

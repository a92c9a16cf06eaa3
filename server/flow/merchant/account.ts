import { type ChannelName, OWN_CHANNEL } from '../../domain/channel'
import type { Channel } from '../ports'

/** Whether a merchant could be paid into an account of that name: one the channel refuses would be found out by the first payer. */
export function isBookable(
  channels: ReadonlyMap<string, Channel>,
  account: string,
  name: ChannelName = OWN_CHANNEL,
): boolean {
  return channels.get(name)?.takesAccount?.(account) ?? true
}

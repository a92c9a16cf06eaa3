import type { Channel } from '../ports'

/** Whether the channels can book an account of that name: one they refuse would be found out by the first payer. */
export function isBookable(channels: ReadonlyMap<string, Channel>, account: string): boolean {
  return [...channels.values()].every((channel) => channel.takesAccount?.(account) ?? true)
}

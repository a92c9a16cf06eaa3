import type { ChannelName } from '../../domain/channel'
import type { StatementSource } from '../ports'

/** Where each channel's statements come from; a channel that isn't in it is never reconciled. */
export interface SourceDeps {
  statements: ReadonlyMap<ChannelName, StatementSource>
}

export function sourceOf({ statements }: SourceDeps, channel: ChannelName): StatementSource | undefined {
  return statements.get(channel)
}

/** The channels that are reconciled. */
export function reconciledChannels({ statements }: SourceDeps): ChannelName[] {
  return [...statements.keys()]
}

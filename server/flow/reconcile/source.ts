import type { ChannelName } from '../../domain/channel'
import type { Channels, StatementSource } from '../ports'

/** Where each channel's statements come from; a channel that isn't in it is never reconciled. */
export interface SourceDeps {
  statements: ReadonlyMap<ChannelName, StatementSource>
}

/** Those of the channels that have any. */
export function statementsOf(channels: Channels): SourceDeps['statements'] {
  return new Map([...channels].flatMap(([name, { statements }]) => (statements ? [[name, statements]] : [])))
}

export function sourceOf({ statements }: SourceDeps, channel: ChannelName): StatementSource | undefined {
  return statements.get(channel)
}

/** The channels that are reconciled. */
export function reconciledChannels({ statements }: SourceDeps): ChannelName[] {
  return [...statements.keys()]
}

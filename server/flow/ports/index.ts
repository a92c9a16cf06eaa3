import type { ChannelName } from '../../domain/channel'
import type { Channel } from './channel'

/** The outside world in business verbs. Amounts in fen, times in ms since the epoch, dates in Asia/Shanghai. */
export * from './agreements'
export * from './audit'
export * from './away'
export * from './bindings'
export * from './brakes'
export * from './campaigns'
export * from './catalog'
export * from './changes'
export * from './channel'
export * from './clock'
export * from './decks'
export * from './deed'
export * from './desk'
export * from './feed'
export * from './identity'
export * from './ledger'
export * from './limiter'
export * from './load'
export * from './login'
export * from './merchant-book'
export * from './operator-login'
export * from './operators'
export * from './person-cards'
export * from './reconciliations'
export * from './refund'
export * from './report'
export * from './second-factor'
export * from './shared'
export * from './slots'
export * from './statement'
export * from './suspicions'
export * from './traces'
export * from './work'

/** Every channel that is open here. */
export type Channels = ReadonlyMap<ChannelName, Channel>

/** Cryptographic randomness. */
export type Random = (bytes: number) => Uint8Array

/** The outside world in business verbs. Amounts in fen, times in ms since the epoch, dates in Asia/Shanghai. */
export * from './audit'
export * from './catalog'
export * from './channel'
export * from './feed'
export * from './identity'
export * from './ledger'
export * from './refund'
export * from './slots'
export * from './statement'

export interface Clock {
  now(): number
}

/** Cryptographic randomness. */
export type Random = (bytes: number) => Uint8Array

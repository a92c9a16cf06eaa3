import { createHmac } from 'node:crypto'
import { businessDate } from './business-date'
import { deriveKey } from './seal'

/** From where somebody came: the address that a request showed, and what its page says of the device. */
export interface Origin {
  address: string
  device: string | null
}

/** The same as keyed hashes, base64url: equal ones came from one place in one month, and nobody reads from them which. */
export interface Trace {
  addressHash: string | null
  deviceHash: string | null
}

export const NO_TRACE: Trace = { addressHash: null, deviceHash: null }

/** 96 bits: two of a month's addresses are alike with a chance of 10⁻¹⁷ for a million of them. */
const HASH_LETTERS = 16

/**
 * Hashes under a key of the calendar month in Shanghai, derived from the master key: who has the database alone can't try all addresses,
 * and what was done in different months can't be joined. A new master key begins a month anew.
 */
export function tracer(master: Uint8Array): (origin: Origin | undefined, at: number) => Trace {
  let month = ''
  let key: Uint8Array = master
  const hash = (kind: string, text: string) =>
    createHmac('sha256', key)
      .update(JSON.stringify([kind, text]))
      .digest('base64url')
      .slice(0, HASH_LETTERS)
  return (origin, at) => {
    if (!origin) return NO_TRACE
    const now = businessDate(at).slice(0, 7)
    if (now !== month) {
      key = deriveKey(master, `trace|${now}`)
      month = now
    }
    const { address, device } = origin
    return {
      addressHash: address === 'unknown' ? null : hash('address', address),
      deviceHash: device === null ? null : hash('device', device),
    }
  }
}

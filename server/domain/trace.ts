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
 * Hashes under a key of the calendar month in Shanghai, derived from the master key: who has the hashes alone can't try all addresses,
 * and what was done in different months can't be joined, nor what was hashed for different purposes. A new master key begins a month anew.
 */
function monthly(master: Uint8Array, purpose: string): (kind: string, text: string, at: number) => string {
  let month = ''
  let key: Uint8Array = master
  return (kind, text, at) => {
    const now = businessDate(at).slice(0, 7)
    if (now !== month) {
      key = deriveKey(master, `${purpose}|${now}`)
      month = now
    }
    return createHmac('sha256', key)
      .update(JSON.stringify([kind, text]))
      .digest('base64url')
      .slice(0, HASH_LETTERS)
  }
}

/** For what is kept with orders and log-ins. */
export function tracer(master: Uint8Array): (origin: Origin | undefined, at: number) => Trace {
  const hash = monthly(master, 'trace')
  return (origin, at) => {
    if (!origin) return NO_TRACE
    const { address, device } = origin
    return {
      addressHash: address === 'unknown' ? null : hash('address', address, at),
      deviceHash: device === null ? null : hash('device', device, at),
    }
  }
}

/** So many names are remembered: those of some minutes. */
const NAMES = 10_000

/** For the log, whose names can't be joined with an order's traces: equal ones are one person, or one address, within a month. */
export function namer(master: Uint8Array): (kind: string, text: string, at: number) => string {
  const hash = monthly(master, 'log')
  const known = new Map<string, string>()
  let month = ''
  return (kind, text, at) => {
    const now = businessDate(at).slice(0, 7)
    if (now !== month || known.size >= NAMES) known.clear()
    month = now
    const whole = `${kind} ${text}`
    const name = known.get(whole) ?? hash(kind, text, at)
    known.set(whole, name)
    return name
  }
}

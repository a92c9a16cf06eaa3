import { createHash, timingSafeEqual } from 'node:crypto'
import { deriveKey } from './seal'

/** A key and its public name; what was made with it says the name, so that keys can be rotated. */
export interface NamedKey {
  id: string
  key: Uint8Array
}

/** Our master keys: the current one makes, the previous ones (the newest first) still verify. */
export interface MasterKeys {
  current: NamedKey
  previous: readonly NamedKey[]
  /** made everything from before keys had names */
  oldest: NamedKey
  byId(id: string): Uint8Array | undefined
}

/** Names each master key by a hash of a value derived from it: the name tells nothing of the key. */
export function masterKeys(current: Uint8Array, previous: readonly Uint8Array[] = []): MasterKeys {
  const named = [current, ...previous].map((key) => ({ id: keyId(key), key }))
  return {
    current: named[0]!,
    previous: named.slice(1),
    oldest: named.at(-1)!,
    byId: (id) => named.find((one) => one.id === id)?.key,
  }
}

/** Those of a configuration. */
export const masterKeysOf = (config: {
  masterKey: Uint8Array
  previousMasterKeys: readonly Uint8Array[]
}): MasterKeys => masterKeys(config.masterKey, config.previousMasterKeys)

/** What decks are dealt by. */
export interface DeckKeys {
  /** name of the master key behind new decks */
  deckKeyId: string
  /**
   * The campaign's secret under the current master key, or under the one that a deck names; `null` is a deck from before
   * keys had names. Undefined when that key is none of ours any more.
   */
  campaignSecret(campaignId: string, keyId?: string | null): Uint8Array | undefined
}

/** Each campaign's secret, derived from a key outside the database. */
export function deckKeys(masters: MasterKeys): DeckKeys {
  return {
    deckKeyId: masters.current.id,
    campaignSecret(campaignId, keyId = masters.current.id) {
      const master = keyId === null ? masters.oldest.key : masters.byId(keyId)
      return master && deriveKey(master, `campaign|${campaignId}`)
    },
  }
}

/** The same ring for one purpose: each key derived from its master key. */
export function keysFor(purpose: string, masters: MasterKeys): MasterKeys {
  const derived = ({ id, key }: NamedKey) => ({ id, key: deriveKey(key, purpose) })
  return {
    current: derived(masters.current),
    previous: masters.previous.map(derived),
    oldest: derived(masters.oldest),
    byId(id) {
      const key = masters.byId(id)
      return key && deriveKey(key, purpose)
    },
  }
}

/**
 * By which a ledger knows a master key again: derived for this alone, so it tells nothing of the key or of what else is made with it.
 * Whole, unlike the name, which is short enough to be another key's.
 */
export function checkValue(master: Uint8Array): Buffer {
  return deriveKey(master, 'ledger check')
}

/** Whether a check value is of one of our keys; takes as long whichever it is, or none. */
export function isOfRing({ current, previous }: MasterKeys, value: Uint8Array): boolean {
  let known = false
  for (const { key } of [current, ...previous]) known = timingSafeEqual(checkValue(key), value) || known
  return known
}

function keyId(master: Uint8Array): string {
  return createHash('sha256').update(deriveKey(master, 'key id')).digest('hex').slice(0, 8)
}

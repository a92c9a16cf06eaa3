import { hkdfSync } from 'node:crypto'
import { canonical } from './canonical'
import type { DeckId } from './deck'
import { discloseBytes, ENCLOSING_BYTES, encloseBytes } from './enclose'

/** What lies in a deck, in the order in which it is handed out: sealed until its day is closed, then amounts in fen. */
export type Cards = Uint8Array | readonly number[]

/** Two bytes a card, whatever it is worth, so that the length tells their number and nothing else. */
const CARD_BYTES = 2

/** How many cards there are; a seal needn't be opened for it. Of what is too short to be one, none. */
export function countOf(cards: Cards): number {
  return isSealed(cards) ? Math.max(0, Math.floor((cards.length - ENCLOSING_BYTES) / CARD_BYTES)) : cards.length
}

export function isSealed(cards: Cards): cards is Uint8Array {
  return cards instanceof Uint8Array
}

/** The name of a deck, which its seal is bound to: of another merchant, day, version or campaign it doesn't open. */
type Named = DeckId & { version: number }

/**
 * AES-256-GCM under HKDF-SHA256(campaign secret, "fapai deck seal v1"), with the deck's name as associated data. The campaign's secret
 * follows from the master key and is outside the database. `nonce`: 12 random bytes.
 */
export function sealCards(secret: Uint8Array, deck: Named, amountsFen: readonly number[], nonce: Uint8Array): Buffer {
  const bytes = Buffer.alloc(CARD_BYTES * amountsFen.length)
  for (const [i, fen] of amountsFen.entries()) bytes.writeUInt16BE(fen, CARD_BYTES * i)
  return encloseBytes(keyOf(secret), nameOf(deck), bytes, nonce)
}

/** The amounts, in fen; undefined: the seal is another deck's, was changed, or its secret is none of ours (undefined). */
export function openCards(secret: Uint8Array | undefined, deck: Named, cards: Cards): readonly number[] | undefined {
  if (!isSealed(cards)) return cards
  const bytes = secret && discloseBytes(keyOf(secret), nameOf(deck), cards)
  return bytes && Array.from({ length: countOf(cards) }, (_, i) => bytes.readUInt16BE(CARD_BYTES * i))
}

/** Of the campaign that was asked about last: a day is dealt, and closed, a campaign at a time, and a key costs as much as half a deck. */
let latest: { secret: Uint8Array; key: Uint8Array } | undefined

function keyOf(secret: Uint8Array): Uint8Array {
  if (!latest || Buffer.compare(latest.secret, secret) !== 0)
    latest = {
      secret: Uint8Array.from(secret),
      key: new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(), 'fapai deck seal v1', 32)),
    }
  return latest.key
}

function nameOf({ campaignId, version, merchantCode, businessDate }: Named): string {
  return canonical({ campaignId, version, merchantCode, businessDate })
}

import { hash } from 'node:crypto'
import type { DeckId } from '../../domain/deck'

/**
 * `fp3:{campaign:merchant}:date`. The braces keep a merchant's decks on one node of a Cluster. The 3 is the version of the
 * layout: a new layout never meets old bytes, its decks are loaded again from the ledger. Ids are escaped, so that two
 * decks never share a key.
 */
export function keyOf(deck: DeckId): string {
  return `fp3:{${placeOf(deck)}}:${deck.businessDate}`
}

/** One of the few decks that a payer touches on a date. */
export function deckTag(deck: DeckId): string {
  return hashOf(placeOf(deck)).slice(0, 8)
}

/** A payer as Redis knows them. `tag`: in a deck; `key`: of what they hold on its date, which goes with it. */
export interface PayerKeys {
  tag: string
  key: string
}

/**
 * Eight letters of SHA-256 (48 bits) stand for a payer in a deck: small and pseudonymous. Two of a deck's 20 are one in 10¹² decks,
 * and would only be quoted the same slot. Among all payers of a date it takes sixteen.
 */
export function payerKeys(payerId: string, { businessDate }: DeckId): PayerKeys {
  const text = hashOf(payerId)
  return { tag: text.slice(0, 8), key: `fp2:payer:${text.slice(0, 16)}:${businessDate}` }
}

function placeOf({ campaignId, merchantCode }: DeckId): string {
  return `${encodeURIComponent(campaignId)}:${encodeURIComponent(merchantCode)}`
}

/** Letters because a Buffer among its arguments costs ioredis a tenth of its throughput. */
function hashOf(text: string): string {
  return hash('sha256', text, 'base64url')
}

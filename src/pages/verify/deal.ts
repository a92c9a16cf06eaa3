import type { DeckView } from '@contract'
import { hmac } from '@noble/hashes/hmac'
import { sha256 } from '@noble/hashes/sha2'

/**
 * The dealer once more, written from its published description (docs/ARCHITECTURE.md) and not from the server's code: a
 * reader's browser must not have to believe the program it checks.
 */

type Rule = DeckView['rule']

/** The numbers of the stream: HMAC-SHA256(seed, 0), HMAC-SHA256(seed, 1), … with the counter in four bytes, 32 bits each. */
function* words(seed: Uint8Array): Generator<number, never> {
  for (let counter = 0; ; counter++) {
    const message = new Uint8Array(4)
    new DataView(message.buffer).setUint32(0, counter)
    const block = hmac(sha256, seed, message)
    const view = new DataView(block.buffer, block.byteOffset, block.byteLength)
    for (let at = 0; at < block.byteLength; at += 4) yield view.getUint32(at)
  }
}

/** A card for each slot, fen, in the order they were handed out: the band's first, then the others, then shuffled. */
export function dealFrom(rule: Rule, seed: Uint8Array): number[] {
  const stream = words(seed)
  /** one of 0 … choices − 1; words above the last whole run of `choices` are passed over, so that none is likelier */
  const choose = (choices: number): number => {
    const runs = Math.floor(4_294_967_296 / choices)
    for (;;) {
      const word = stream.next().value
      if (word < runs * choices) return word % choices
    }
  }
  const inside = range(rule.bandMinFen, rule.bandMaxFen)
  const outside = [...range(rule.minFen, rule.bandMinFen - 1), ...range(rule.bandMaxFen + 1, rule.maxFen)]
  const promised = promisedInBand(rule)
  const cards: number[] = []
  while (cards.length < rule.slots) {
    const choices = cards.length < promised ? inside : outside
    cards.push(choices[choose(choices.length)]!)
  }
  // Fisher–Yates from the last place to the second
  for (let place = cards.length; place > 1; place--) {
    const from = choose(place)
    ;[cards[place - 1], cards[from]] = [cards[from]!, cards[place - 1]!]
  }
  return cards
}

/** How many cards of the deck are promised to lie in the band. */
export function promisedInBand(rule: Rule): number {
  const allInside = rule.minFen === rule.bandMinFen && rule.maxFen === rule.bandMaxFen
  return allInside ? rule.slots : Math.ceil((rule.bandPercent * rule.slots) / 100)
}

export const sha256Hex = (bytes: Uint8Array): string => hexOf(sha256(bytes))

export function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Undefined when it isn't 32 bytes in hex. */
export function seedBytes(hex: string): Uint8Array | undefined {
  if (!/^[0-9a-f]{64}$/.test(hex)) return undefined
  return Uint8Array.from(hex.match(/../g)!, (pair) => Number.parseInt(pair, 16))
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i)
}

import { createHash, createHmac } from 'node:crypto'
import { bandCount, type Rule } from './rule'

/** Names one deck: a campaign's cards for one merchant on one business date. */
export interface DeckId {
  campaignId: string
  merchantCode: string
  businessDate: string
}

/**
 * The seed of a deck: HMAC-SHA256(campaign secret, campaign | version | merchant | date). 32 bytes.
 * Published as {@link commitment} when the deck is dealt and revealed after the day.
 */
export function deckSeed(secret: Uint8Array, deck: DeckId, version: number): Buffer {
  const name = [deck.campaignId, version, deck.merchantCode, deck.businessDate].join('|')
  return createHmac('sha256', secret).update(name).digest()
}

/** SHA-256 of the seed in hex: binds the day's amounts before the day runs without telling them. */
export function commitment(seed: Uint8Array): string {
  return createHash('sha256').update(seed).digest('hex')
}

/**
 * Deals a deck: `rule.slots` amounts in fen, in the order they will be handed out.
 * Deterministic in (rule, seed). Exactly {@link bandCount} amounts are uniform over the band, the rest uniform over
 * [min, max] without the band; then a Fisher–Yates shuffle makes every position equally likely to hold any card, as the
 * promotion rules ask (prizes may not be released unevenly over time).
 * The rule must have no faults (`ruleFaults`).
 */
export function deal(rule: Rule, seed: Uint8Array): number[] {
  const next = uniform(seed)
  const inBand = bandCount(rule)
  const below = rule.bandMinFen - rule.minFen
  const outside = below + (rule.maxFen - rule.bandMaxFen)
  const amounts = Array.from({ length: rule.slots }, (_, i) => {
    if (i < inBand) return rule.bandMinFen + next(rule.bandMaxFen - rule.bandMinFen + 1)
    const nth = next(outside)
    return nth < below ? rule.minFen + nth : rule.bandMaxFen + 1 + (nth - below)
  })
  for (let i = amounts.length - 1; i > 0; i--) {
    const j = next(i + 1)
    const held = amounts[i]!
    amounts[i] = amounts[j]!
    amounts[j] = held
  }
  return amounts
}

/**
 * So many cards the budget covers whatever they are: the largest deck that costs no more than `roomFen` at its dearest, which is what is
 * dealt where a budget ends. A deck of n cards is `deal({...rule, slots: n}, seed)`, so the band holds for n (I2).
 */
export function cardsWithin(rule: Rule, roomFen: number): number {
  let slots = rule.slots
  while (slots > 0 && dearestDeck({ ...rule, slots }) > roomFen) slots--
  return slots
}

/**
 * The dearest deck that can be dealt from the rule, fen: its band cards at the band's top, the others at theirs. An open deck is counted
 * at this and not at what its cards come to (I7), so that no figure of a budget tells anything of cards to come.
 */
export function dearestDeck(rule: Rule): number {
  const inBand = bandCount(rule)
  const dearestOutside = rule.maxFen > rule.bandMaxFen ? rule.maxFen : rule.bandMinFen - 1
  return inBand * rule.bandMaxFen + (rule.slots - inBand) * dearestOutside
}

/** What the cards of a deck come to, in fen. */
export function exposure(amountsFen: readonly number[]): number {
  return amountsFen.reduce((sum, fen) => sum + fen, 0)
}

/**
 * Uniform whole numbers below a bound, from HMAC-SHA256(seed, block counter) read as 32-bit words.
 * Rejection sampling: a word in the last, incomplete run of `bound` is thrown away, so there is no modulo bias.
 */
function uniform(seed: Uint8Array): (bound: number) => number {
  let block = Buffer.alloc(0)
  let offset = 0
  let counter = 0
  const word = () => {
    if (offset === block.length) {
      const index = Buffer.alloc(4)
      index.writeUInt32BE(counter++)
      block = createHmac('sha256', seed).update(index).digest()
      offset = 0
    }
    offset += 4
    return block.readUInt32BE(offset - 4)
  }
  return (bound) => {
    const limit = 2 ** 32 - (2 ** 32 % bound)
    let drawn = word()
    while (drawn >= limit) drawn = word()
    return drawn % bound
  }
}

import { commitment, deal } from './deck'
import { bandCount, type Rule } from './rule'

/** A deck as it is published after its day. */
export interface RevealedDeck {
  /** `slots` is what was dealt */
  rule: Rule
  seed: Uint8Array
  commitment: string
  amountsFen: readonly number[]
}

export interface DeckProof {
  holds: boolean
  /** SHA-256 of the seed is what was published before */
  committed: boolean
  /** slots, from 0, that aren't what the seed deals; null where there is no such slot */
  differing: { slot: number; isFen: number | null; shouldBeFen: number | null }[]
  /** cards in the band, and how many are promised of a deck of that many (I2) */
  inBand: number
  promised: number
  /** every card lies within the rule's smallest and largest */
  withinBounds: boolean
}

/** Checks a revealed deck from nothing but what is published. The rule must have no faults. */
export function proveDeck({ rule, seed, commitment: published, amountsFen }: RevealedDeck): DeckProof {
  const dealt = deal(rule, seed)
  const committed = commitment(seed) === published
  const slots = Array.from({ length: Math.max(dealt.length, amountsFen.length) }, (_, slot) => slot)
  const differing = slots.flatMap((slot) => {
    const [isFen, shouldBeFen] = [amountsFen[slot] ?? null, dealt[slot] ?? null]
    return isFen === shouldBeFen ? [] : [{ slot, isFen, shouldBeFen }]
  })
  const inBand = amountsFen.filter((fen) => fen >= rule.bandMinFen && fen <= rule.bandMaxFen).length
  const promised = bandCount(rule)
  const withinBounds = amountsFen.every((fen) => fen >= rule.minFen && fen <= rule.maxFen)
  const holds = committed && differing.length === 0 && inBand >= promised && withinBounds
  return { holds, committed, differing, inBand, promised, withinBounds }
}

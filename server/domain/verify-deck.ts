import { type DeckId, deal } from './deck'
import { commitToSecret, opens, type Pulse, seedBy } from './deck-proof'
import { bandCount, type Rule } from './rule'

/** A deck as it is published after its day. */
export interface RevealedDeck extends DeckId {
  version: number
  /** `slots` is what was dealt */
  rule: Rule
  /** what the rule promises */
  wantedSlots: number
  beacon: Pulse | null
  seed: Uint8Array
  commitment: string
  amountsFen: readonly number[]
}

/** What a payer was told of their card: in their quote, and on their receipt. */
export interface Receipt {
  commitment: string
  /** from 0 */
  slot: number
  /** both shares */
  discountFen: number
}

/** The secret of the deck's version, as it is published once its campaign is over. */
export interface RevealedSecret {
  /** as of the approval */
  commitment: string
  secret: Uint8Array
}

export interface DeckProof {
  holds: boolean
  /** the commitment that was published before is that of all of it */
  committed: boolean
  /** slots, from 0, that aren't what the seed deals; null where there is no such slot */
  differing: { slot: number; isFen: number | null; shouldBeFen: number | null }[]
  /** cards in the band, and how many are promised of a deck of that many (I2) */
  inBand: number
  promised: number
  /** every card lies within the rule's smallest and largest, and there are no more of them than it says */
  withinBounds: boolean
  /** the receipt names this deck and this card; null: there is none to look at */
  receipt: { sameDeck: boolean; sameCard: boolean } | null
  /** the seed follows from the secret that was committed to when the campaign was approved; null: not revealed yet */
  derived: boolean | null
}

/** Checks a revealed deck from nothing but what is published, and a payer's receipt against it. The rule must have no faults. */
export function proveDeck(
  deck: RevealedDeck,
  { receipt = null, secret = null }: { receipt?: Receipt | null; secret?: RevealedSecret | null } = {},
): DeckProof {
  const { rule, wantedSlots, seed, amountsFen } = deck
  const dealt = deal(rule, seed)
  const terms = { ...deck, rule: { ...rule, slots: wantedSlots }, slots: rule.slots }
  const committed = opens(deck.commitment, terms, seed)
  const slots = Array.from({ length: Math.max(dealt.length, amountsFen.length) }, (_, slot) => slot)
  const differing = slots.flatMap((slot) => {
    const [isFen, shouldBeFen] = [amountsFen[slot] ?? null, dealt[slot] ?? null]
    return isFen === shouldBeFen ? [] : [{ slot, isFen, shouldBeFen }]
  })
  const inBand = amountsFen.filter((fen) => fen >= rule.bandMinFen && fen <= rule.bandMaxFen).length
  const promised = bandCount(rule)
  const bounded = amountsFen.every((fen) => fen >= rule.minFen && fen <= rule.maxFen)
  const withinBounds = rule.slots <= wantedSlots && bounded
  const named = receipt && {
    sameDeck: receipt.commitment === deck.commitment,
    sameCard: dealt[receipt.slot] === receipt.discountFen,
  }
  const derived = secret && follows(deck, secret)
  const asPublished = committed && differing.length === 0 && inBand >= promised && withinBounds
  const holds = asPublished && derived !== false && (!named || (named.sameDeck && named.sameCard))
  return { holds, committed, differing, inBand, promised, withinBounds, receipt: named, derived }
}

function follows(deck: RevealedDeck, { commitment, secret }: RevealedSecret): boolean {
  if (commitToSecret(deck.campaignId, secret) !== commitment) return false
  return seedBy(deck.commitment, secret, deck).equals(deck.seed)
}

import type { DeckId } from '../../domain/deck'

export type Take =
  /**
   * `leaseMs`: how long the slot is kept from now, by the store's own clock; less than was asked where the payer has held so long that
   * the lease isn't renewed. `left`: slots left free; `held`: those that somebody leases, this one included.
   */
  | { kind: 'taken'; slot: number; leaseMs: number; left: number; held: number }
  /** every slot is leased to others or used; the first lease ends in `returnsInMs`, unless it is renewed or used */
  | { kind: 'all-held'; returnsInMs: number }
  /** every slot is used */
  | { kind: 'sold-out' }
  /** the payer has used what one may */
  | { kind: 'limit-reached' }
  /** the payer holds as many unpaid as one may, or has held this deck's for as long as one may */
  | { kind: 'holding-limit' }
  /** no deck is loaded: deal it, load it, take again */
  | { kind: 'no-deck' }

/** What a payer may take. Null: no limit. */
export interface TakeTerms {
  /** how long a slot is kept for its payer, ms */
  leaseTtlMs: number
  /** slots one payer may use in this deck, and in all decks of its campaign and date */
  maxPerPayer: number | null
  maxPerCampaign: number | null
  /** slots one payer may hold unpaid at a time in all decks of the date */
  maxHeld: number | null
  /** how long one payer may hold slots of this deck unpaid, renewals and orders under way included, ms; what is leased by then is kept to its end */
  holdingMs: number | null
  /** the same of all decks of the date, what is leased by now counted to its end */
  holdingInAllMs: number | null
}

/** A slot that an order holds, and whose it is: the payer's limit counts it. */
export interface UsedSlot {
  slot: number
  payerId: string
}

/** Counts of a deck. `returnsInMs`: when the first lease ends, by the store's clock; null: nothing is leased. */
export interface DeckCount {
  /** leases ended included */
  free: number
  leased: number
  used: number
  returnsInMs: number | null
}

/**
 * A slot (名额) is free → leased (预占) → used (核销), or back to free when its lease ends. It is held unpaid from when it is leased
 * until its order is paid. What a payer holds is remembered for the date; a store that forgets it does so in the payer's favour.
 * It knows slots by their numbers alone: what a card is worth lies sealed in the ledger.
 */
export interface Slots {
  /**
   * Takes the payer's slot: the one already leased to the payer (its lease begins anew), else the lowest free or expired
   * slot (returned ones lie at the front, I8). Whether the payer may is asked only where there is a slot to give.
   */
  take(deck: DeckId, payerId: string, terms: TakeTerms): Promise<Take>
  /**
   * Marks the slot used by this payer. The ledger has already given the slot to an order, so whoever leases it now is
   * displaced. `no-deck` when nothing is loaded: a later load learns of the slot from the ledger. It counts as held unpaid until
   * {@link Slots.paid}, or {@link Slots.release}, for ten minutes; confirming again begins them anew.
   */
  confirm(deck: DeckId, slot: number, payerId: string): Promise<'confirmed' | 'no-deck'>
  /** Its order was paid: the payer holds it no more, and what was held of this deck before is forgotten. */
  paid(deck: DeckId, slot: number, payerId: string): Promise<void>
  /**
   * The order closed: the slot is free again, kept `keepMs` for the same payer (who may not fish for another card, I8),
   * then for anyone. Only the payer holding or having used the slot can release it.
   */
  release(deck: DeckId, slot: number, payerId: string, keepMs: number): Promise<'released' | 'not-held' | 'no-deck'>
  /** The ledger says that the payer may use none of this deck: whoever they pay as, a person has used what one may. */
  bar(deck: DeckId, payerId: string): Promise<void>
  /** Loads a dealt deck of so many slots with those that orders hold; one already loaded is left as it is. Gone after `expiresAt`. */
  load(
    deck: DeckId,
    slots: number,
    usedSlots: readonly UsedSlot[],
    expiresAt: number,
  ): Promise<'loaded' | 'already-loaded'>
  /**
   * Loads decks of one date that no order holds a slot of, as {@link Slots.load} would, some hundreds in one go; how many it loaded:
   * the others were there, and are left as they are. When it throws, some of them may be loaded.
   */
  lay(decks: readonly { deck: DeckId; slots: number }[], expiresAt: number): Promise<number>
  /**
   * Which connection to the store this is, counted from 0, or to the ledger: on another either may be as it was some time ago, so the deck
   * is held against the ledger before a slot is handed out.
   */
  connection(): number
  /** Undefined when no deck is loaded. */
  count(deck: DeckId): Promise<DeckCount | undefined>
  ping(): Promise<void>
}

/** Thrown by every verb of {@link Slots} when the store doesn't answer: the discount pauses, payments go on (I9). */
export class SlotsUnavailable extends Error {
  override name = 'SlotsUnavailable'
}

import type { DeckId } from '../../domain/deck'

export type Take =
  /** `leaseMs`: how long the slot is kept from now, by the store's own clock */
  | { kind: 'taken'; slot: number; discountFen: number; leaseMs: number; left: number }
  /** every slot is leased to others or used; those leased may come back */
  | { kind: 'all-held' }
  /** every slot is used */
  | { kind: 'sold-out' }
  | { kind: 'limit-reached' }
  /** no deck is loaded: deal it, load it, take again */
  | { kind: 'no-deck' }

/** A slot that an order holds, and whose it is: the payer's limit counts it. */
export interface UsedSlot {
  slot: number
  payerId: string
}

/** A slot (名额) is free → leased (预占) → used (核销), or back to free when its lease ends. */
export interface Slots {
  /**
   * Takes the payer's slot: the one already leased to the payer (its lease begins anew), else the lowest free or expired
   * slot (returned ones lie at the front, I8). `maxPerPayer`: slots one payer may use in this deck, null for no limit.
   */
  take(deck: DeckId, payerId: string, leaseTtlMs: number, maxPerPayer: number | null): Promise<Take>
  /**
   * Marks the slot used by this payer. The ledger has already given the slot to an order, so whoever leases it now is
   * displaced. `no-deck` when nothing is loaded: a later load learns of the slot from the ledger.
   */
  confirm(deck: DeckId, slot: number, payerId: string): Promise<'confirmed' | 'no-deck'>
  /**
   * The order closed: the slot is free again, kept `keepMs` for the same payer (who may not fish for another card, I8),
   * then for anyone. Only the payer holding or having used the slot can release it.
   */
  release(deck: DeckId, slot: number, payerId: string, keepMs: number): Promise<'released' | 'not-held' | 'no-deck'>
  /** Loads a dealt deck with the slots that orders hold; a deck already loaded is left as it is. Gone after `expiresAt`. */
  load(
    deck: DeckId,
    amountsFen: readonly number[],
    usedSlots: readonly UsedSlot[],
    expiresAt: number,
  ): Promise<'loaded' | 'already-loaded'>
  /** Counts of a deck: free (leases ended included), leased, used. Undefined when no deck is loaded. */
  count(deck: DeckId): Promise<{ free: number; leased: number; used: number } | undefined>
  ping(): Promise<void>
}

/** Thrown by every verb of {@link Slots} when the store doesn't answer: the discount pauses, payments go on (I9). */
export class SlotsUnavailable extends Error {
  override name = 'SlotsUnavailable'
}

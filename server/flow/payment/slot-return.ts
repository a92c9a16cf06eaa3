import type { DeckId } from '../../domain/deck'
import type { Order } from '../../domain/order'
import { teachHolder } from '../deck/teach'
import type { Ledger, Slots } from '../ports'

export interface SlotReturnDeps {
  ledger: Ledger
  slots: Slots
  limits: { leaseTtlMs: number }
  /** news that contradicts an ending, or a slot that could not be given back: people must see it. Of a day: its channel and date */
  onAlarm(alarm: { code: string; orderNo: string; error?: unknown }): void
}

/**
 * Gives the slot of a closed order back: it stays with its payer for one more lease (I8: closing an order draws no other
 * card). The ledger marks every closed order with a card until this was done for good, so a slot that isn't given back here, because
 * the process died or the slot store is away, or that somebody confirms who hasn't heard of the ending, is given back by the
 * sweeper. Never throws: the order has ended all the same.
 */
export function giveBack(deps: SlotReturnDeps, order: Order): Promise<void> {
  return release(deps, order, 'at once')
}

/**
 * The sweeper's turn, when whoever was at the order is done with it: for good. A deck that isn't loaded by now will be loaded from a
 * ledger in which the order is closed.
 */
export function giveBackLate(deps: SlotReturnDeps, order: Order): Promise<void> {
  return release(deps, order, 'late')
}

async function release(deps: SlotReturnDeps, order: Order, when: 'at once' | 'late'): Promise<void> {
  if (!order.card) return
  const { slot } = order.card
  const deck = deckOf(order, order.card)
  try {
    const result = await deps.slots.release(deck, slot, order.payerId, deps.limits.leaseTtlMs)
    // One that is loading now may have read the ledger before the ending.
    if (result === 'no-deck' && when === 'at once') return
    // This may come late, when the slot has become another order's: that order confirmed it before now, or will after.
    const holder = await deps.ledger.slotReturned(order.orderNo, when === 'late')
    if (holder !== null) await teachHolder(deps, deck, slot, holder)
  } catch (error) {
    deps.onAlarm({ code: 'slot-not-released', orderNo: order.orderNo, error })
  }
}

export function deckOf({ merchantCode }: Order, { campaignId, businessDate }: NonNullable<Order['card']>): DeckId {
  return { campaignId, merchantCode, businessDate }
}

import type { DeckId } from '../../server/domain/deck'
import { type Slots, SlotsUnavailable } from '../../server/flow/ports'

interface Seat {
  /** null: nobody */
  payerId: string | null
  used: boolean
  /** end of the lease; 0 when there never was one */
  endsAt: number
}

export interface FakeSlots extends Slots {
  /** false: every verb throws SlotsUnavailable, as when Redis is away */
  up: boolean
  /** loses every deck, as a Redis without a file does when it restarts */
  forget(): void
}

/** {@link Slots} in memory, for flow tests: the same contract suite runs on it. `now` is the store's clock, in ms. */
export function fakeSlots(now: () => number = Date.now): FakeSlots {
  const decks = new Map<string, { amountsFen: readonly number[]; seats: Seat[]; expiresAt: number }>()
  const keyOf = (deck: DeckId) => JSON.stringify([deck.campaignId, deck.merchantCode, deck.businessDate])
  const find = (id: DeckId) => {
    if (!fake.up) throw new SlotsUnavailable('the fake is down')
    const deck = decks.get(keyOf(id))
    return deck && deck.expiresAt > now() ? deck : undefined
  }
  const seatOf = (seats: Seat[], slot: number) => {
    const seat = seats[slot]
    if (!seat) throw new RangeError(`the deck has no slot ${slot}`)
    return seat
  }
  const isFree = (seat: Seat) => !seat.used && seat.endsAt <= now()

  const fake: FakeSlots = {
    up: true,
    forget: () => decks.clear(),

    async take(id, payerId, leaseTtlMs, maxPerPayer) {
      const deck = find(id)
      if (!deck) return { kind: 'no-deck' }
      const usedByPayer = deck.seats.filter((seat) => seat.used && seat.payerId === payerId).length
      if (maxPerPayer !== null && usedByPayer >= maxPerPayer) return { kind: 'limit-reached' }
      const own = deck.seats.findIndex((seat) => !seat.used && seat.payerId === payerId)
      const slot = own >= 0 ? own : deck.seats.findIndex(isFree)
      if (slot < 0) return { kind: deck.seats.every((seat) => seat.used) ? 'sold-out' : 'all-held' }
      const left = deck.seats.filter((seat, i) => i !== slot && isFree(seat)).length
      deck.seats[slot] = { payerId, used: false, endsAt: now() + leaseTtlMs }
      return { kind: 'taken', slot, discountFen: deck.amountsFen[slot]!, leaseMs: leaseTtlMs, left }
    },

    async confirm(id, slot, payerId) {
      const deck = find(id)
      if (!deck) return 'no-deck'
      Object.assign(seatOf(deck.seats, slot), { payerId, used: true })
      return 'confirmed'
    },

    async release(id, slot, payerId, keepMs) {
      const deck = find(id)
      if (!deck) return 'no-deck'
      const seat = seatOf(deck.seats, slot)
      if (seat.payerId !== payerId) return 'not-held'
      deck.seats[slot] = { payerId, used: false, endsAt: now() + keepMs }
      return 'released'
    },

    async load(id, amountsFen, usedSlots, expiresAt) {
      if (amountsFen.length === 0) throw new RangeError('a deck holds at least one amount')
      const seats: Seat[] = amountsFen.map(() => ({ payerId: null, used: false, endsAt: 0 }))
      for (const { slot, payerId } of usedSlots) Object.assign(seatOf(seats, slot), { payerId, used: true })
      if (find(id)) return 'already-loaded'
      decks.set(keyOf(id), { amountsFen: [...amountsFen], seats, expiresAt })
      return 'loaded'
    },

    async count(id) {
      const deck = find(id)
      if (!deck) return undefined
      const used = deck.seats.filter((seat) => seat.used).length
      const free = deck.seats.filter(isFree).length
      return { free, leased: deck.seats.length - used - free, used }
    },

    async ping() {
      if (!fake.up) throw new SlotsUnavailable('the fake is down')
    },
  }
  return fake
}

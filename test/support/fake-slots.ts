import type { DeckId } from '../../server/domain/deck'
import { type Slots, SlotsUnavailable } from '../../server/flow/ports'

interface Seat {
  /** null: nobody */
  payerId: string | null
  used: boolean
  /** end of the lease; 0 when there never was one */
  endsAt: number
}

interface Deck {
  id: DeckId
  seats: Seat[]
  expiresAt: number
}

/** What a payer holds on a date. Seats are named by deck and slot. */
interface Holding {
  live: Map<string, number>
  /** by deck */
  held: Map<string, { from: number; until: number; soFarMs: number }>
  /** by campaign: seat → whether its order was paid */
  used: Map<string, Map<string, boolean>>
}

export interface FakeSlots extends Slots {
  /** false: every verb throws SlotsUnavailable, as when Redis is away */
  up: boolean
  /** loses every deck and what is held, as a Redis without a file does when it restarts */
  forget(): void
  /** what it knows now; called, it is as it was then, on another connection */
  snapshot(): () => void
}

const PAYING_MS = 600_000

/** {@link Slots} in memory, for flow tests: the same contract suite runs on it. `now` is the store's clock, in ms. */
export function fakeSlots(now: () => number = Date.now): FakeSlots {
  const decks = new Map<string, Deck>()
  const holdings = new Map<string, Holding>()
  let connections = 0
  const keyOf = (deck: DeckId) => JSON.stringify([deck.campaignId, deck.merchantCode, deck.businessDate])
  const find = (id: DeckId) => {
    up()
    const deck = decks.get(keyOf(id))
    return deck && deck.expiresAt > now() ? deck : undefined
  }
  const up = () => {
    if (!fake.up) throw new SlotsUnavailable('the fake is down')
  }
  const seatOf = (seats: Seat[], slot: number) => {
    const seat = seats[slot]
    if (!seat) throw new RangeError(`the deck has no slot ${slot}`)
    return seat
  }
  const isFree = (seat: Seat) => !seat.used && seat.endsAt <= now()

  const holdingOf = (payerId: string, { businessDate }: DeckId): Holding => {
    const key = JSON.stringify([payerId, businessDate])
    const holding = holdings.get(key) ?? { live: new Map(), held: new Map(), used: new Map() }
    holdings.set(key, holding)
    return holding
  }
  const heldSoFar = (holding: Holding, id: DeckId) => {
    const held = holding.held.get(keyOf(id))
    return held ? held.soFarMs + Math.max(0, Math.min(now(), held.until) - held.from) : 0
  }
  const inAll = ({ held }: Holding) =>
    [...held.values()].reduce(
      (sum, { from, until, soFarMs }) => sum + (Number.isFinite(soFarMs) ? soFarMs + Math.max(0, until - from) : 0),
      0,
    )
  const usesOf = (holding: Holding, { campaignId }: DeckId) => {
    const uses = holding.used.get(campaignId) ?? new Map<string, boolean>()
    holding.used.set(campaignId, uses)
    return uses
  }
  const placeOf = (id: DeckId, slot: number) => `${keyOf(id)} ${slot}`
  const hold = (holding: Holding, id: DeckId, slot: number, ms: number, until = now() + ms) => {
    holding.held.set(keyOf(id), { from: now(), until, soFarMs: heldSoFar(holding, id) })
    if (ms > 0) holding.live.set(placeOf(id, slot), now() + ms)
    else holding.live.delete(placeOf(id, slot))
  }
  const leasesOf = (deck: Deck) =>
    deck.seats.flatMap((seat) => (seat.used || isFree(seat) ? [] : [seat.endsAt - now()]))

  const fake: FakeSlots = {
    up: true,
    forget() {
      decks.clear()
      holdings.clear()
      connections++
    },
    snapshot() {
      const kept = structuredClone({ decks, holdings })
      return () => {
        fake.forget()
        for (const [key, deck] of kept.decks) decks.set(key, deck)
        for (const [key, holding] of kept.holdings) holdings.set(key, holding)
      }
    },
    connection: () => connections,

    async take(id, payerId, { leaseTtlMs, maxPerPayer, maxPerCampaign, maxHeld, holdingMs, holdingInAllMs }) {
      const deck = find(id)
      if (!deck) return { kind: 'no-deck' }
      const usedByPayer = deck.seats.filter((seat) => seat.used && seat.payerId === payerId).length
      if (maxPerPayer !== null && usedByPayer >= maxPerPayer) return { kind: 'limit-reached' }
      if (deck.seats.every((seat) => seat.used)) return { kind: 'sold-out' }
      const own = deck.seats.findIndex((seat) => !seat.used && seat.payerId === payerId)
      const slot = own >= 0 ? own : deck.seats.findIndex(isFree)
      if (slot < 0) return { kind: 'all-held', returnsInMs: Math.ceil(Math.min(...leasesOf(deck))) }

      const holding = holdingOf(payerId, id)
      const others = [...holding.live].filter(([place, until]) => place !== placeOf(id, slot) && until > now())
      const soFarMs = heldSoFar(holding, id)
      if (soFarMs === Number.POSITIVE_INFINITY) return { kind: 'limit-reached' }
      if (maxPerCampaign !== null && usesOf(holding, id).size >= maxPerCampaign) return { kind: 'limit-reached' }
      if (maxHeld !== null && others.length >= maxHeld) return { kind: 'holding-limit' }
      let leaseMs = leaseTtlMs
      if (
        soFarMs >= (holdingMs ?? Number.POSITIVE_INFINITY) ||
        inAll(holding) >= (holdingInAllMs ?? Number.POSITIVE_INFINITY)
      ) {
        leaseMs = (holding.live.get(placeOf(id, slot)) ?? 0) - now()
        const whenGiven = holding.held.get(keyOf(id))?.soFarMs ?? 0
        if (leaseMs <= 0 || whenGiven >= (holdingMs ?? Number.POSITIVE_INFINITY)) return { kind: 'holding-limit' }
      } else {
        const until = Math.max(holding.held.get(keyOf(id))?.until ?? 0, now() + leaseTtlMs)
        hold(holding, id, slot, leaseTtlMs, until)
        // a lease of no time at all is one that ended at once
        holding.live.set(placeOf(id, slot), now() + leaseTtlMs)
      }
      deck.seats[slot] = { payerId, used: false, endsAt: now() + leaseMs }
      const left = deck.seats.filter((seat, i) => i !== slot && isFree(seat)).length
      const held = deck.seats.filter((seat, i) => !seat.used && (i === slot || !isFree(seat))).length
      return { kind: 'taken', slot, leaseMs, left, held }
    },

    async confirm(id, slot, payerId) {
      const deck = find(id)
      if (!deck) return 'no-deck'
      Object.assign(seatOf(deck.seats, slot), { payerId, used: true })
      const holding = holdingOf(payerId, id)
      const uses = usesOf(holding, id)
      if (uses.get(placeOf(id, slot))) return 'confirmed'
      uses.set(placeOf(id, slot), false)
      hold(holding, id, slot, PAYING_MS)
      return 'confirmed'
    },

    async paid(id, slot, payerId) {
      up()
      const holding = holdingOf(payerId, id)
      usesOf(holding, id).set(placeOf(id, slot), true)
      holding.live.delete(placeOf(id, slot))
      holding.held.delete(keyOf(id))
    },

    async release(id, slot, payerId, keepMs) {
      const deck = find(id)
      if (!deck) return 'no-deck'
      const seat = seatOf(deck.seats, slot)
      if (seat.payerId !== payerId) return 'not-held'
      deck.seats[slot] = { payerId, used: false, endsAt: now() + keepMs }
      const holding = holdingOf(payerId, id)
      usesOf(holding, id).delete(placeOf(id, slot))
      hold(holding, id, slot, keepMs)
      return 'released'
    },

    async bar(id, payerId) {
      up()
      holdingOf(payerId, id).held.set(keyOf(id), { from: 0, until: 0, soFarMs: Number.POSITIVE_INFINITY })
    },

    async load(id, slots, usedSlots, expiresAt) {
      if (slots < 1) throw new RangeError('a deck holds at least one slot')
      const seats: Seat[] = Array.from({ length: slots }, () => ({ payerId: null, used: false, endsAt: 0 }))
      for (const { slot, payerId } of usedSlots) Object.assign(seatOf(seats, slot), { payerId, used: true })
      if (find(id)) return 'already-loaded'
      decks.set(keyOf(id), { id, seats, expiresAt })
      return 'loaded'
    },

    async lay(all, expiresAt) {
      const laid = await Promise.all(all.map(({ deck, slots }) => fake.load(deck, slots, [], expiresAt)))
      return laid.filter((one) => one === 'loaded').length
    },

    async count(id) {
      const deck = find(id)
      if (!deck) return undefined
      const used = deck.seats.filter((seat) => seat.used).length
      const leases = leasesOf(deck)
      const free = deck.seats.length - used - leases.length
      return {
        free,
        leased: leases.length,
        used,
        returnsInMs: leases.length > 0 ? Math.ceil(Math.min(...leases)) : null,
      }
    },

    async ping() {
      up()
    },
  }
  return fake
}

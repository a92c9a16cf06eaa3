import type { Cluster, Redis } from 'ioredis'
import type { Quote } from '../../server/domain/quote'
import { chance, shuffled } from './chance'
import { OPENS, openStreet, type Rules, type Street } from './street'

export interface PickOptions {
  seed: number
  rules: Rules
  identities: number
  /** what each identity would buy in the day */
  purchases: number
  /** they pay for cards of so much, fen of their own share, and for none that is smaller */
  wantsFen: number
  merchants: number
  cards: number
}

export interface Picked {
  purchases: number
  /** what they save on the average, beside what a card gives on the average; 0.12: 12 % more */
  gain: number
  /** what all of it came to more than chance gives, fen */
  extraFen: number
}

/** A lease, and a second. */
const LEASE_PASSES_MS = 131_000

interface Person {
  payerId: string
  /** merchants where they haven't looked yet */
  looks: string[]
  bought: number
}

/** As many cards at once as one is given, the dearest first. */
async function lookAround(street: Street, one: Person): Promise<Quote[]> {
  const seen: Quote[] = []
  for (let next = one.looks[0]; next !== undefined; next = one.looks[0]) {
    const quote = await street.ask(one.payerId, next)
    if (quote.reason === 'holding-limit' && seen.length > 0) break
    one.looks.shift()
    if (quote.card) seen.push(quote)
  }
  return seen.sort((a, b) => b.figures.payerDiscountFen - a.figures.payerDiscountFen)
}

/**
 * One person's identities look at as many cards at once as they are given, pay for the large ones and let the others lapse. Each has an agreement at the bank, since
 * they pay, and so is told amounts in any weather.
 */
export async function pick(redis: Redis | Cluster, options: PickOptions): Promise<Picked> {
  const street = await openStreet(redis, options, () => true)
  const draw = chance(options.seed)
  const saved: number[] = []
  const people: Person[] = Array.from({ length: options.identities }, (_, i) => ({
    payerId: `picker-${i}`,
    looks: shuffled(street.merchantCodes, draw),
    bought: 0,
  }))
  for (let round = 0, told = true; told; round++) {
    told = false
    await street.passTo(OPENS + round * LEASE_PASSES_MS)
    const rounds = []
    for (const one of people) {
      const seen = await lookAround(street, one)
      told ||= seen.length > 0
      rounds.push({ one, seen: seen.filter(({ figures }) => figures.payerDiscountFen >= options.wantsFen) })
    }
    for (const { one, seen } of rounds)
      for (const quote of seen.slice(0, options.purchases - one.bought)) {
        await street.pay(quote)
        saved.push(quote.figures.payerDiscountFen)
        one.bought += 1
      }
  }
  const meanFen = street.dealtFen / 2 / (options.merchants * options.cards)
  const savedFen = saved.reduce((sum, fen) => sum + fen, 0)
  return {
    purchases: saved.length,
    gain: savedFen / (meanFen * saved.length) - 1,
    extraFen: Math.round(savedFen - meanFen * saved.length),
  }
}

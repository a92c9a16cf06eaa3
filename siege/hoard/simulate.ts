import type { Cluster, Redis } from 'ioredis'
import { chance } from './chance'
import { OPENS, openStreet, type Rules, type Street } from './street'

export interface HoardOptions {
  seed: number
  rules: Rules
  identities: number
  /** the hoarder comes to a merchant when no more cards are left there: the fewer, the fewer identities it takes */
  whenLeft: number
  merchants: number
  cards: number
  /** honest payers who come to each merchant over the day, on the average */
  honest: number
  hours: number
}

export const STREET = { merchants: 20, cards: 20, honest: 20, hours: 12 }

export interface Hoarded {
  /** honest quotes while their merchant had cards that no order had taken */
  quotes: number
  /** of them those that found all of them held */
  starved: number
  /** requests of the hoarder's, each a quote */
  requests: number
  /** honest payers who met a holding limit: there are none */
  wronged: number
}

/** Well before its lease of 130 s is over. */
const RENEWS_EVERY_MS = 100_000

/**
 * A day of a street where honest payers come by chance, look for half a minute to two and pay, and one person with many identities
 * holds what is left and never pays. The hoarder reads what every page tells, how many cards a merchant has left, and
 * goes where the fewest are. Whoever is starved doesn't come back: that is the worst for them.
 */
export async function simulate(redis: Redis | Cluster, options: HoardOptions): Promise<Hoarded> {
  const street = await openStreet(redis, options)
  const draw = chance(options.seed)
  const ends = OPENS + options.hours * 3_600_000
  const events = arrivals(street, options, draw, ends)
  const hoarder = new Hoarder(street, options)
  const result: Hoarded = { quotes: 0, starved: 0, requests: 0, wronged: 0 }
  const paying: { at: number; pay(): Promise<void> }[] = []
  let renewal = OPENS
  for (const { at, merchantCode, payerId, pausesMs } of events) {
    for (;;) {
      const due = paying[0]
      const next = Math.min(due?.at ?? Number.POSITIVE_INFINITY, options.identities > 0 ? renewal : at + 1, at)
      if (next >= at) break
      await street.passTo(next)
      if (due?.at === next) await paying.shift()!.pay()
      else {
        await hoarder.hold()
        renewal += RENEWS_EVERY_MS
      }
    }
    await street.passTo(at)
    const quote = await street.ask(payerId, merchantCode)
    if (quote.reason === 'sold-out') continue
    result.quotes += 1
    if (quote.reason === 'all-held') result.starved += 1
    if (quote.reason === 'holding-limit') result.wronged += 1
    paying.push({ at: at + pausesMs, pay: () => street.pay(quote) })
    paying.sort((a, b) => a.at - b.at)
  }
  return { ...result, requests: hoarder.requests }
}

interface Arrival {
  at: number
  merchantCode: string
  payerId: string
  pausesMs: number
}

function arrivals(street: Street, { honest, hours }: HoardOptions, draw: () => number, ends: number): Arrival[] {
  const meanMs = (hours * 3_600_000) / honest
  const all = street.merchantCodes.flatMap((merchantCode) => {
    const here: Arrival[] = []
    const gapMs = () => -Math.log(1 - draw()) * meanMs
    for (let at = OPENS + gapMs(); at < ends; at += gapMs())
      here.push({
        at: Math.floor(at),
        merchantCode,
        payerId: `honest-${merchantCode}-${here.length}`,
        pausesMs: Math.floor(30_000 + draw() * 90_000),
      })
    return here
  })
  return all.sort((a, b) => a.at - b.at)
}

/** One person's identities. What each may still hold it learns from what it is answered. */
class Hoarder {
  requests = 0
  /** by merchant: who holds a card there */
  private readonly holders = new Map<string, Set<number>>()
  private readonly barred = new Map<string, Set<number>>()
  private readonly held: number[]
  private readonly spent = new Set<number>()

  constructor(
    private readonly street: Street,
    private readonly options: HoardOptions,
  ) {
    this.held = Array.from({ length: options.identities }, () => 0)
  }

  /** Renews what is held, then takes more where the fewest cards are left, as far as identities go. */
  async hold(): Promise<void> {
    const left: { code: string; cards: number }[] = []
    for (const code of this.street.merchantCodes) left.push({ code, cards: await this.street.remaining(code) })
    left.sort((a, b) => a.cards - b.cards)
    for (const { code, cards } of left) {
      const here = this.holders.get(code) ?? new Set<number>()
      this.holders.set(code, here)
      for (const identity of [...here]) if (!(await this.ask(identity, code))) this.letGo(here, identity)
      if (cards > this.options.whenLeft) continue
      const barred = this.barred.get(code) ?? new Set<number>()
      this.barred.set(code, barred)
      for (let identity = 0; identity < this.held.length && here.size < cards; identity++) {
        if (
          here.has(identity) ||
          barred.has(identity) ||
          this.spent.has(identity) ||
          this.held[identity]! >= this.most()
        )
          continue
        if (await this.ask(identity, code)) {
          here.add(identity)
          this.held[identity]! += 1
        } else if (this.last === 'all-held') break
        else {
          barred.add(identity)
          if (barred.size > 0 && this.held[identity] === 0 && this.last === 'holding-limit') this.tired(identity)
        }
      }
    }
  }

  private last: string | null = null
  private readonly refusals = new Map<number, number>()

  private most(): number {
    return this.options.rules === 'now' ? 2 : this.options.merchants
  }

  /** Refused at three merchants in a row: it has held for as long as one may in all. */
  private tired(identity: number): void {
    const times = (this.refusals.get(identity) ?? 0) + 1
    this.refusals.set(identity, times)
    if (times >= 3) this.spent.add(identity)
  }

  private letGo(here: Set<number>, identity: number): void {
    here.delete(identity)
    this.held[identity]! -= 1
  }

  private async ask(identity: number, code: string): Promise<boolean> {
    this.requests += 1
    const quote = await this.street.ask(`hoarder-${identity}`, code)
    this.last = quote.reason
    return quote.card !== null
  }
}

import type { Campaign } from '../domain/campaign'
import type { Held } from '../domain/held'
import type { Agreement, Catalog, Clock, Merchant, Purse } from '../flow/ports'

/** A change by an operator, a brake above all, reaches every process within this time, and the one that took it at once. */
const TTL_MS = 1_000
/** Payers of a busy second, and every merchant of a city; the oldest entry leaves when it is exceeded. */
const MAX_ENTRIES = 100_000
const CAMPAIGN = 'c|'
const BRAKE = 'b|'

interface Entry {
  until: number
  /** settled: most quotes find all their answers here, and none makes a promise for each */
  answer: Promise<unknown>
}

/**
 * A catalog that remembers answers for a second, so that a quote needs no SQL. An answer that is still remembered serves
 * while the database is away.
 */
export function cachedCatalog(catalog: Catalog, clock: Clock): Catalog {
  const entries = new Map<string, Entry>()
  const asking = new Map<string, Promise<unknown>>()

  function remember<T>(key: string, ask: () => Promise<T>, keep: (value: T) => boolean, ttlMs = TTL_MS): Promise<T> {
    const entry = entries.get(key)
    if (entry && entry.until > clock.now()) return entry.answer as Promise<T>
    return look(key, ask, keep, ttlMs)
  }

  async function look<T>(key: string, ask: () => Promise<T>, keep: (value: T) => boolean, ttlMs: number): Promise<T> {
    // Many quotes that miss at once ask once.
    const answer = (asking.get(key) as Promise<T> | undefined) ?? ask()
    asking.set(key, answer)
    try {
      const value = await answer
      if (asking.get(key) === answer && keep(value)) remembered(key, answer, ttlMs)
      return value
    } finally {
      if (asking.get(key) === answer) asking.delete(key)
    }
  }

  function remembered(key: string, answer: Promise<unknown>, ttlMs: number) {
    entries.delete(key)
    entries.set(key, { until: clock.now() + ttlMs, answer })
    if (entries.size > MAX_ENTRIES) entries.delete(entries.keys().next().value!)
  }

  const always = () => true
  return {
    merchant: (code) => remember<Merchant | undefined>(`m|${code}`, () => catalog.merchant(code), always),
    campaignFor: (code, date) =>
      remember<Campaign | undefined>(`${CAMPAIGN}${date}|${code}`, () => catalog.campaignFor(code, date), always),
    braked: (code) => remember<boolean>(BRAKE + code, () => catalog.braked(code), always),
    // It never changes, so it is kept until others need the room.
    purse: (deck) =>
      remember<Purse | undefined>(
        `p|${deck.campaignId}|${deck.businessDate}|${deck.merchantCode}`,
        () => catalog.purse(deck),
        (purse) => purse !== undefined,
        Number.POSITIVE_INFINITY,
      ),
    held: (date) => remember<Held>(`h|${date}`, () => catalog.held(date), always),
    staff: (code) => remember<readonly string[]>(`s|${code}`, () => catalog.staff(code), always),
    agreements(payerId, when) {
      const key = `a|${payerId}`
      if (when === 'now') {
        entries.delete(key)
        // A question that was asked before may be answered as of then: let nobody join or remember that answer.
        asking.delete(key)
      }
      return remember<Agreement[]>(key, () => catalog.agreements(payerId), always)
    },
    forgetCampaigns() {
      for (const known of [entries, asking])
        for (const key of known.keys()) if (key.startsWith(CAMPAIGN) || key.startsWith(BRAKE)) known.delete(key)
    },
  }
}

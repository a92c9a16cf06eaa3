import type { Campaign } from '../domain/campaign'
import type { Held } from '../domain/held'
import type { Agreement, Catalog, Clock, Freshness, Merchant, Purse, Shop } from '../flow/ports'

/** A change by an operator, a brake above all, reaches every process within this time, and the one that took it at once. */
const TTL_MS = 1_000
/** How long an answer is believed that is looked at again before anything comes of it. */
const BELIEVED_MS = 10 * 60_000
/** Payers of a busy second, and every merchant of a city; the oldest entry leaves when it is exceeded. */
const MAX_ENTRIES = 100_000
const MERCHANT = 'm|'
const SHOP = 's|'
const CAMPAIGN = 'c|'
const BRAKE = 'b|'
/** What a brake changes. */
const BRAKED = [SHOP, CAMPAIGN, BRAKE]

interface Entry {
  until: number
  /** settled: most quotes find all their answers here, and none makes a promise for each */
  answer: Promise<unknown>
}

/**
 * A catalog that remembers answers for a second, so that a quote needs no SQL, and for longer where they are only believed. An answer that
 * is still remembered serves while the database is away. `ledgers`: how often the ledger may have become another server's, which may lack what
 * was committed at one before.
 */
export function cachedCatalog(catalog: Catalog, clock: Clock, ledgers: () => number = () => 0): Catalog {
  const memory = memoryOf(clock)
  const { remember, asFresh } = memory

  /** The merchant is heard of with their shop, for whoever pays there. */
  async function shop(code: string, date: string): Promise<Shop | undefined> {
    const note = memory.unlessNewer(MERCHANT + code)
    const found = await catalog.shop(code, date)
    note(found?.merchant)
    return found
  }

  return {
    merchant: (code, fresh) => asFresh<Merchant | undefined>(MERCHANT + code, fresh, () => catalog.merchant(code)),
    shop: (code, date) => remember<Shop | undefined>(`${SHOP}${date}|${code}`, () => shop(code, date)),
    campaignFor: (code, date) =>
      remember<Campaign | undefined>(`${CAMPAIGN}${date}|${code}`, () => catalog.campaignFor(code, date)),
    braked: (code) => remember<boolean>(BRAKE + code, () => catalog.braked(code)),
    // It never changes in one ledger, so it is kept until others need the room.
    purse: (deck, fresh) =>
      asFresh<Purse | null | undefined>(
        `p|${ledgers()}|${deck.campaignId}|${deck.businessDate}|${deck.merchantCode}`,
        fresh,
        () => catalog.purse(deck),
        { keep: (purse) => purse !== undefined, ttlMs: Number.POSITIVE_INFINITY },
      ),
    held: (date) => remember<Held>(`h|${date}`, () => catalog.held(date)),
    agreements: (payerId, fresh) => asFresh<Agreement[]>(`a|${payerId}`, fresh, () => catalog.agreements(payerId)),
    forgetCampaigns: () => memory.forget(BRAKED),
  }
}

interface Keeping<T> {
  keep?(value: T): boolean
  ttlMs?: number
}

function memoryOf(clock: Clock) {
  const entries = new Map<string, Entry>()
  const asking = new Map<string, Promise<unknown>>()

  function known<T>(key: string, longerMs = 0): Promise<T> | undefined {
    const entry = entries.get(key)
    return entry && entry.until + longerMs > clock.now() ? (entry.answer as Promise<T>) : undefined
  }

  async function look<T>(key: string, ask: () => Promise<T>, { keep, ttlMs = TTL_MS }: Keeping<T> = {}): Promise<T> {
    // Many quotes that miss at once ask once.
    const answer = (asking.get(key) as Promise<T> | undefined) ?? ask()
    asking.set(key, answer)
    try {
      const value = await answer
      if (asking.get(key) === answer && (keep?.(value) ?? true)) remembered(key, answer, ttlMs)
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

  return {
    remember: <T>(key: string, ask: () => Promise<T>, keeping?: Keeping<T>): Promise<T> =>
      known<T>(key) ?? look(key, ask, keeping),
    asFresh<T>(key: string, fresh: Freshness, ask: () => Promise<T>, keeping?: Keeping<T>): Promise<T> {
      if (fresh === 'now') {
        entries.delete(key)
        // A question that was asked before may be answered as of then: let nobody join or remember that answer.
        asking.delete(key)
      }
      return known<T>(key, fresh === 'believed' ? BELIEVED_MS : 0) ?? look(key, ask, keeping)
    },
    /** To remember what is being heard now, unless something newer is heard, or asked for, before. */
    unlessNewer(key: string): (value: unknown) => void {
      const before = entries.get(key)
      return (value) => {
        if (entries.get(key) === before && !asking.has(key)) remembered(key, Promise.resolve(value), TTL_MS)
      }
    },
    forget(kinds: readonly string[]) {
      for (const memory of [entries, asking])
        for (const key of memory.keys()) if (kinds.some((kind) => key.startsWith(kind))) memory.delete(key)
    },
  }
}

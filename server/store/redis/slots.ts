import type { Cluster, Redis } from 'ioredis'
import type { DeckId } from '../../domain/deck'
import { MAX_SLOTS } from '../../domain/rule'
import { type Slots, SlotsUnavailable, type Take, type TakeTerms } from '../../flow/ports'
import { CODES } from './codes'
import { deckTag, keyOf, payerKeys } from './keys'
import { type Run, scripts, type Verb } from './script'

/** An order that nobody ends for so long is one that the sweeper confirms again and again. */
const PAYING_MS = 600_000

/**
 * {@link Slots} on Redis 6.2 or newer, single, Sentinel or Cluster: a deck is one key (layout.lua), what a payer holds on a date
 * another (holding.lua), the time is Redis's own. Where one node has both, every verb is one script and one round trip. On a
 * Cluster the payer's key is asked in a second one, and only of what the deck gave: what it refuses goes back to the deck, and
 * should the process die in between, that lease ends by itself. Throws {@link SlotsUnavailable} on any trouble of Redis, RangeError
 * when a slot isn't in the deck or a deck can't have so many. `shiftMs`: how far ours is from Redis's time, in a sandbox that lives another
 * day; without it the decks of days that are over would be forgotten as they are loaded.
 */
export function redisSlots(redis: Redis | Cluster, shiftMs = 0): Slots {
  const together = !redis.isCluster
  const run = scripts(redis, together)
  const connection = connectionsOf(redis)

  /** A verb of the deck and of the payer. `more`: what the deck's script is told; `ms`: how long the payer holds it then. */
  async function both(
    verb: 'confirm' | 'release',
    deck: DeckId,
    slot: number,
    payerId: string,
    more: number[],
    ms: number,
  ) {
    const { tag, key } = payerKeys(payerId, deck)
    const keys = together ? [keyOf(deck), key] : [keyOf(deck)]
    const last = verb === 'confirm' ? [ms] : []
    const reply = await run[verb](...keys, slot, tag, ...more, deckTag(deck), deck.campaignId, ...last)
    if (reply === CODES.DONE && !together) await ofPayer(verb, deck, slot, payerId, ms)
    return reply
  }

  const ofPayer = (verb: string, deck: DeckId, slot: number, payerId: string, ms = 0) =>
    run.payer(payerKeys(payerId, deck).key, verb, deckTag(deck), deck.campaignId, slot, ms)

  return {
    take: (deck, payerId, terms) => (together ? takeTogether : takeApart)(run, deck, payerId, terms),

    async confirm(deck, slot, payerId) {
      const reply = await both('confirm', deck, slot, payerId, [], PAYING_MS)
      if (reply === CODES.DONE) return 'confirmed'
      if (reply === CODES.NO_DECK) return 'no-deck'
      throw unknownReply(reply, slot)
    },

    async paid(deck, slot, payerId) {
      await ofPayer('paid', deck, slot, payerId)
    },

    async release(deck, slot, payerId, keepMs) {
      const reply = await both('release', deck, slot, payerId, [keepMs], keepMs)
      if (reply === CODES.DONE) return 'released'
      if (reply === CODES.NOT_HELD) return 'not-held'
      if (reply === CODES.NO_DECK) return 'no-deck'
      throw unknownReply(reply, slot)
    },

    async bar(deck, payerId) {
      await ofPayer('bar', deck, 0, payerId)
    },

    load: (deck, slots, used, expiresAt) => load(run, deck, slots, used, expiresAt - shiftMs),
    lay: (decks, expiresAt) => (together ? layTogether : layApart)(run, decks, expiresAt - shiftMs),

    connection,

    async count(deck) {
      const reply = await run.count(keyOf(deck))
      if (reply === CODES.NO_DECK) return undefined
      const [free, leased, used, first] = reply as [number, number, number, number]
      return { free, leased, used, returnsInMs: leased > 0 ? first : null }
    },

    async ping() {
      await redis.ping().catch((cause: unknown) => {
        throw new SlotsUnavailable('Redis failed to answer a ping', { cause })
      })
    },
  }
}

/**
 * How often what is behind it became another: by a new connection, of a Cluster to any node; or by a replica that took its master's place, to which
 * we were connected all along, so that nothing breaks. What slots' masters are is seen at each refresh, which a failover brings about.
 */
function connectionsOf(redis: Redis | Cluster): () => number {
  let connections = 0
  for (const event of ['ready', '+node']) redis.on(event, () => connections++)
  if (redis.isCluster) {
    let masters = mastersOf(redis as Cluster)
    redis.on('refresh', () => {
      const now = mastersOf(redis as Cluster)
      if (now.some((master, slot) => master !== masters[slot])) connections++
      masters = now
    })
  }
  return () => connections
}

/** The master of each hash slot, the only nodes that are asked. */
function mastersOf(cluster: Cluster): (string | undefined)[] {
  const { slots } = cluster as unknown as { slots: (string[] | undefined)[] }
  return Array.from(slots, (nodes) => nodes?.[0])
}

const mayOf = ({ maxPerCampaign, maxHeld, holdingMs, holdingInAllMs }: TakeTerms) => [
  maxPerCampaign ?? '',
  maxHeld ?? '',
  holdingMs ?? '',
  holdingInAllMs ?? '',
]

async function takeTogether(run: Record<Verb, Run>, deck: DeckId, payerId: string, terms: TakeTerms): Promise<Take> {
  const { tag, key } = payerKeys(payerId, deck)
  const { leaseTtlMs, maxPerPayer } = terms
  const args = [tag, leaseTtlMs, maxPerPayer ?? '', deckTag(deck), deck.campaignId, ...mayOf(terms)]
  return taken(await run.take(keyOf(deck), key, ...args))
}

/** The deck first: where it has nothing to give, as for a crowd, the payer isn't asked about. */
async function takeApart(run: Record<Verb, Run>, deck: DeckId, payerId: string, terms: TakeTerms): Promise<Take> {
  const { tag, key } = payerKeys(payerId, deck)
  const { leaseTtlMs, maxPerPayer } = terms
  const given = taken(await run.take(keyOf(deck), tag, leaseTtlMs, maxPerPayer ?? ''))
  if (given.kind !== 'taken') return given
  const { slot } = given
  const held = await run.payer(key, 'take', deckTag(deck), deck.campaignId, slot, leaseTtlMs, ...mayOf(terms))
  if (held === leaseTtlMs) return given
  const leaseMs = Math.max(0, Number(held))
  await run.release(keyOf(deck), slot, tag, leaseMs)
  return leaseMs > 0 ? { ...given, leaseMs } : taken(held)
}

async function load(
  run: Record<Verb, Run>,
  ...[deck, slots, usedSlots, expiresAt]: Parameters<Slots['load']>
): ReturnType<Slots['load']> {
  checkSlots(slots)
  const used = usedSlots.flatMap(({ slot, payerId }) => [slot, payerKeys(payerId, deck).tag])
  const reply = await run.load(keyOf(deck), expiresAt, slots, ...used)
  if (reply === CODES.DONE) return 'loaded'
  if (reply === CODES.ALREADY_LOADED) return 'already-loaded'
  throw unknownReply(
    reply,
    usedSlots.map(({ slot }) => slot),
  )
}

type Laid = Parameters<Slots['lay']>[0]

async function layTogether(run: Record<Verb, Run>, decks: Laid, expiresAt: number): Promise<number> {
  for (const { slots } of decks) checkSlots(slots)
  const keys = decks.map(({ deck }) => keyOf(deck))
  return Number(await run.lay(keys.length, ...keys, expiresAt, ...decks.map(({ slots }) => slots)))
}

/** Merchants' decks lie in hash slots of their own, and no script of a Cluster has keys of two. */
async function layApart(run: Record<Verb, Run>, decks: Laid, expiresAt: number): Promise<number> {
  const laid = await Promise.all(decks.map((one) => layTogether(run, [one], expiresAt)))
  return laid.reduce((sum, count) => sum + count, 0)
}

function checkSlots(slots: number): void {
  if (!Number.isInteger(slots) || slots < 1 || slots > MAX_SLOTS)
    throw new RangeError(`a deck holds 1 to ${MAX_SLOTS} slots`)
}

function taken(reply: unknown): Take {
  if (Array.isArray(reply)) {
    const [first, second, leaseMs, held] = reply as [number, number, number, number]
    if (first === CODES.ALL_HELD) return { kind: 'all-held', returnsInMs: second }
    return { kind: 'taken', slot: first, leaseMs, left: second, held }
  }
  switch (reply) {
    case CODES.NO_DECK:
      return { kind: 'no-deck' }
    case CODES.SOLD_OUT:
      return { kind: 'sold-out' }
    case CODES.LIMIT_REACHED:
      return { kind: 'limit-reached' }
    case CODES.HOLDING_LIMIT:
      return { kind: 'holding-limit' }
    default:
      throw unknownReply(reply)
  }
}

function unknownReply(reply: unknown, slot?: number | readonly number[]): Error {
  if (reply === CODES.BAD_SLOT) return new RangeError(`the deck has no slot ${slot}`)
  return new Error(`a slots script answered ${JSON.stringify(reply)}`)
}

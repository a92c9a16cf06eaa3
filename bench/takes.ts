import type { Cluster, Redis } from 'ioredis'
import type { DeckId } from '../server/domain/deck'
import { connectRedis, redisReady } from '../server/store/redis/connect'
import { redisSlots } from '../server/store/redis/slots'
import { defineEmpty } from './empty-script'
import { type Compared, compare, load, type Sample } from './rounds'

export const CONNECTIONS = 50
export const SLOTS = 20
/** Shops that sell at the same time, twenty cards each; then the next street opens. So takes meet at a deck, as at a counter. */
const STREET = 40
/** However busy the machine is, each is given: a payer would wait for 300 ms. */
const PATIENT_MS = 20_000
const LEASE_MS = 130_000
/** as the house's */
const TERMS = {
  leaseTtlMs: LEASE_MS,
  maxPerPayer: 1,
  maxPerCampaign: 3,
  maxHeld: 2,
  holdingMs: 600_000,
  holdingInAllMs: 900_000,
}

/** A way of giving out cards. */
export interface Way {
  /** lays so many decks of twenty, which are a turn's own; before its clock starts */
  lay(turn: number, decks: number): Promise<void>
  /** the card, 0–19, that a payer who comes for the first time has from now on */
  take(worker: number, deck: number, payer: string): Promise<number>
  /** how many cards of the turn's decks the store says are somebody's */
  taken(): Promise<number>
  /** µs that the store's processes have used; undefined where it can't tell */
  storeUs: Used
}

/**
 * Takes so many cards, one under way on each connection. All ways get the same payers at the same decks in the same order.
 * @throws where a card was given twice, or the store doesn't know as much
 */
export async function turnOf(way: Way, turn: number, takes: number): Promise<Sample> {
  await way.lay(turn, Math.ceil(takes / (STREET * SLOTS)) * STREET)
  const given: number[] = []
  let next = 0
  const sample = await timed(takes, way.storeUs, async (worker) => {
    const i = next++
    const deck = Math.floor(i / (STREET * SLOTS)) * STREET + (i % STREET)
    given.push(deck * SLOTS + (await way.take(worker, deck, `p_bench-payer-${turn}-${i}`)))
  })
  const kept = await way.taken()
  if (new Set(given).size !== given.length) throw new Error('takes: a card was given twice')
  // what failed by its deadline may have been taken nevertheless
  if (kept < given.length || kept > next) throw new Error(`takes: ${given.length} cards given, ${kept} kept`)
  return sample
}

type Used = () => Promise<number | undefined>

/** The CPU is that of the client, which is this process, and of the store. */
async function timed(atMost: number, storeUs: Used, work: (worker: number) => Promise<void>): Promise<Sample> {
  const usedUs = async () => {
    const { user, system } = process.cpuUsage()
    const store = await storeUs()
    return store === undefined ? undefined : user + system + store
  }
  const before = await usedUs()
  const { count, seconds } = await load(CONNECTIONS, { forMs: 20_000, atMost }, work)
  const after = await usedUs()
  const cpuUs = before === undefined || after === undefined ? null : (after - before) / count
  return { perSecond: count / seconds, cpuUs, busy: null }
}

/** Fifty connections of {@link connectRedis} for as long as `use` takes. */
export async function onRedis<T>(redisUrl: string, use: (connections: (Redis | Cluster)[]) => Promise<T>): Promise<T> {
  const connections = Array.from({ length: CONNECTIONS }, () => connectRedis(redisUrl, () => {}, PATIENT_MS))
  try {
    for (const redis of connections) if (!(await redisReady(redis, 10_000))) throw new Error('takes: no Redis')
    return await use(connections)
  } finally {
    for (const redis of connections) redis.disconnect()
  }
}

/** What Redis says it has used, µs; undefined: this one doesn't say (js-redis-server). */
export async function redisUs(redis: Redis | Cluster): Promise<number | undefined> {
  const said = await redis.info('cpu').catch(() => '')
  const used = [...said.matchAll(/^used_cpu_(?:sys|user):([\d.]+)/gm)].map(([, seconds]) => Number(seconds) * 1e6)
  return used.length === 2 ? used[0]! + used[1]! : undefined
}

/** `Slots.take` as it is. */
export function ours(connections: readonly (Redis | Cluster)[]): Way {
  const stores = connections.map((redis) => redisSlots(redis))
  let decks: DeckId[] = []
  return {
    async lay(turn, count) {
      decks = Array.from({ length: count }, (_, i) => ({
        ...{ campaignId: 'bench', merchantCode: `M${i}`, businessDate: `bench-${turn}` },
      }))
      for (const deck of decks) await stores[0]!.load(deck, SLOTS, [], Date.now() + 600_000)
    },
    async take(worker, deck, payer) {
      const taken = await stores[worker]!.take(decks[deck]!, payer, TERMS)
      if (taken.kind !== 'taken') throw new Error(`takes: ${taken.kind}`)
      return taken.slot
    },
    async taken() {
      let leased = 0
      for (const deck of decks) leased += (await stores[0]!.count(deck))!.leased
      return leased
    },
    storeUs: () => redisUs(connections[0]!),
  }
}

/** Decks of a turn are named after it, and there may be none of that name yet. */
let turns = 0
export const nextTurn = () => ++turns

/**
 * (a) `Slots.take` on fifty connections, one take under way on each, beside an empty script. Every take is a new payer's at a deck of the case's
 * size with a card left, which is the longest way through the script.
 */
export async function takes(redisUrl: string, options: { rounds: number; takesEach: number }): Promise<Compared> {
  return onRedis(redisUrl, (connections) => {
    const way = ours(connections)
    const empties = connections.map((redis) => defineEmpty(redis))
    const floor = () =>
      timed(options.takesEach, way.storeUs, async (worker) => {
        await empties[worker]!()
      })
    return compare(options.rounds, () => turnOf(way, nextTurn(), options.takesEach), floor)
  })
}

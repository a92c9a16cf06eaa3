import type { DeckId } from '../server/domain/deck'
import { connectRedis, redisReady } from '../server/store/redis/connect'
import { redisSlots } from '../server/store/redis/slots'
import { defineEmpty } from './empty-script'
import { type Compared, compare, load, type Sample } from './rounds'

const CONNECTIONS = 50
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
const SLOTS = 20

/**
 * (a) `Slots.take` on fifty connections, one take under way on each. Every take is a new payer's at a deck of the case's
 * size with a card left, which is the longest way through the script. Decks are loaded before the clock starts.
 */
export async function takes(redisUrl: string, options: { rounds: number; takesEach: number }): Promise<Compared> {
  const connections = Array.from({ length: CONNECTIONS }, () => connectRedis(redisUrl))
  try {
    for (const redis of connections) if (!(await redisReady(redis, 10_000))) throw new Error('takes: no Redis')
    const stores = connections.map((redis) => redisSlots(redis))
    const empties = connections.map((redis) => defineEmpty(redis))
    const decks = Math.ceil(options.takesEach / SLOTS)
    let day = 0

    async function ours(): Promise<Sample> {
      const businessDate = `bench-${++day}`
      const deckOf = (i: number): DeckId => ({ campaignId: 'bench', merchantCode: `M${i % decks}`, businessDate })
      for (let i = 0; i < decks; i++) await stores[0]!.load(deckOf(i), SLOTS, [], Date.now() + 600_000)
      let next = 0
      return each(options.takesEach, async (worker) => {
        const i = next++
        const taken = await stores[worker]!.take(deckOf(i), `p_bench-payer-${i}`, TERMS)
        if (taken.kind !== 'taken') throw new Error(`takes: ${taken.kind}`)
      })
    }

    const floor = () =>
      each(options.takesEach, async (worker) => {
        await empties[worker]!('fp1:{bench:M0001}:bench-1', 'AAAAAAAA', LEASE_MS, '')
      })
    return await compare(options.rounds, ours, floor)
  } finally {
    for (const redis of connections) redis.disconnect()
  }
}

async function each(atMost: number, work: (worker: number) => Promise<void>): Promise<Sample> {
  const { count, seconds } = await load(CONNECTIONS, { forMs: 20_000, atMost }, work)
  return { perSecond: count / seconds, cpuUs: null, busy: null }
}

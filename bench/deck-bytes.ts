import type { Cluster, Redis } from 'ioredis'
import type { DeckId } from '../server/domain/deck'
import { redisSlots } from '../server/store/redis/slots'

export interface DeckBytes {
  untouched: number
  /** every card leased, then every card used: the larger of both */
  usedUp: number
}

const DECK: DeckId = { campaignId: 'food-street', merchantCode: 'M0001', businessDate: '2026-01-01' }
const TERMS = {
  leaseTtlMs: 60_000,
  maxPerPayer: null,
  maxPerCampaign: null,
  maxHeld: null,
  holdingMs: null,
  holdingInAllMs: null,
}
const SLOTS = 20

/** (d) What a deck of twenty costs Redis by MEMORY USAGE, key and expiry included; null where Redis can't tell. */
export async function deckBytes(redis: Redis | Cluster): Promise<DeckBytes | null> {
  const slots = redisSlots(redis)
  const before = new Set(await redis.keys('*'))
  await slots.load(DECK, SLOTS, [], Date.now() + 60_000)
  const key = (await redis.keys('*')).find((one) => !before.has(one) && one.startsWith('fp3:{'))!
  const bytes = async () => Number(await redis.call('MEMORY', 'USAGE', key))
  try {
    const untouched = await bytes()
    for (let i = 0; i < SLOTS; i++) await slots.take(DECK, `p_bench-payer-${i}`, TERMS)
    const leased = await bytes()
    for (let i = 0; i < SLOTS; i++) await slots.confirm(DECK, i, `p_bench-payer-${i}`)
    return { untouched, usedUp: Math.max(leased, await bytes()) }
  } catch {
    return null // js-redis-server has no MEMORY USAGE
  } finally {
    await redis.del(key)
  }
}

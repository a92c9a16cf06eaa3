import { once } from 'node:events'
import type { Redis } from 'ioredis'
import {
  describeOnRedis,
  hasRedisServer,
  startTestCluster,
  startTestRedis,
  type TestRedis,
} from '../../../harness/redis'
import type { SharedCounts } from '../../../server/flow/ports'
import { limiter } from '../../../server/store/limiter'
import { connectRedis, redisReady } from '../../../server/store/redis/connect'
import { redisCounts } from '../../../server/store/redis/counts'
import { type LimiterSubject, limiterContract, limitOf } from '../limiter-contract'

const kinds = hasRedisServer() ? (['redis-server', 'js', 'cluster'] as const) : (['js'] as const)

/** A process: its own clock, and Redis behind it; `pass` moves both. */
function processOn({ redis }: Pick<TestRedis, 'redis'>): LimiterSubject {
  const clock = { at: 1_000, now: () => clock.at }
  const counts = redisCounts(redis)
  const pending = new Set<Promise<unknown>>()
  const keys = new Set<string>()
  const shared: SharedCounts = {
    add(limit, who, count) {
      keys.add(`fapai:limit:${limit.name}:${who}`)
      const asked = counts.add(limit, who, count)
      pending.add(asked.catch(() => {}))
      return asked
    },
  }
  return {
    limiter: limiter(clock, shared),
    async settled() {
      await Promise.all(pending)
      pending.clear()
      await new Promise((resolve) => setImmediate(resolve))
    },
    async pass(ms) {
      clock.at += ms
      for (const key of keys) {
        const left = await redis.pttl(key)
        if (left > 0) await redis.pexpire(key, Math.max(0, left - ms))
      }
    },
  }
}

describe.each(kinds)('a limiter with what processes share, on %s', (kind) => {
  let redis: TestRedis
  beforeAll(async () => {
    redis = await (kind === 'cluster' ? startTestCluster() : startTestRedis(kind))
  })
  afterAll(() => redis?.stop())

  limiterContract(() => processOn(redis))

  it('allows all processes together no more than the limit, once they have heard of each other', async () => {
    const limit = limitOf(40)
    const [one, other] = [processOn(redis), processOn(redis)]
    let allowed = 0
    for (let i = 0; i < 60; i++)
      for (const { limiter, settled } of [one, other]) {
        if (limiter.spend(limit, 'p1').allowed) allowed++
        await settled()
      }
    // What one is allowed while the last of another is on its way to it.
    expect([40, 41]).toContain(allowed)
  })

  it('leaves nothing behind: what is counted goes with its window', async () => {
    const { limiter, settled } = processOn(redis)
    const limit = limitOf(4)
    limiter.spend(limit, 'p1')
    await settled()
    const ttl = await redis.redis.pttl(`fapai:limit:${limit.name}:p1`)
    expect([ttl > 0, ttl <= 10_000]).toEqual([true, true])
  })
})

describeOnRedis()('when Redis', () => {
  const so = (yes: number, no: number) => [...Array(yes).fill(true), ...Array(no).fill(false)]

  it('hangs, everybody is answered at once, up to the limit', async () => {
    const server = await startTestRedis('redis-server')
    const hasty = connectRedis(server.url, () => {}, 50) as Redis
    try {
      await redisReady(hasty, 60_000)
      const { limiter, settled } = processOn({ redis: hasty })
      const limit = limitOf(10)
      await server.redis.client('PAUSE', 2_000)
      expect(Array.from({ length: 12 }, () => limiter.spend(limit, 'p1').allowed)).toEqual(so(10, 2))
      await settled()
      expect(limiter.spend(limit, 'p1').allowed).toBe(false)
    } finally {
      hasty.disconnect()
      await server.stop()
    }
  })

  it('is away, the same; and it is told of what was counted when it is back', async () => {
    const server = await startTestRedis('redis-server')
    const limit = limitOf(10)
    const away = connectRedis(server.url, () => {}, 1_000) as Redis
    try {
      await redisReady(away, 60_000)
      const one = processOn({ redis: away })
      const ended = once(away, 'end')
      away.disconnect()
      await ended
      expect(Array.from({ length: 6 }, () => one.limiter.spend(limit, 'p1').allowed)).toEqual(so(6, 0))
      await one.settled()
      await away.connect()
      await redisReady(away, 60_000)
      await one.pass(1_000)
      one.limiter.spend(limit, 'p1')
      await one.settled()
      expect(await server.redis.get(`fapai:limit:${limit.name}:p1`)).toBe('7')
    } finally {
      away.disconnect()
      await server.stop()
    }
  })

  it('forgot what was counted, as after a failover, each process still holds its own to the limit', async () => {
    const server = await startTestRedis('redis-server')
    try {
      const { limiter, settled } = processOn(server)
      const limit = limitOf(10)
      for (let i = 0; i < 10; i++) {
        limiter.spend(limit, 'p1')
        await settled()
      }
      await server.redis.flushall()
      expect(limiter.spend(limit, 'p1').allowed).toBe(false)
    } finally {
      await server.stop()
    }
  })
})

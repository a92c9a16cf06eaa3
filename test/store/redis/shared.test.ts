import { hasRedisServer, startTestRedis, type TestRedis } from '../../../harness/redis'
import type { Shared } from '../../../server/flow/ports'
import { redisShared } from '../../../server/store/redis/shared'

const kinds = hasRedisServer() ? (['redis-server', 'js'] as const) : (['js'] as const)

describe.each(kinds)('what processes share, on %s', (kind) => {
  let redis: TestRedis
  let shared: Shared
  beforeAll(async () => {
    redis = await startTestRedis(kind)
    shared = redisShared(redis.redis)
  })
  afterAll(() => redis?.stop())

  it('is there for everybody, for its time', async () => {
    expect(await shared.get('one')).toBeUndefined()
    await shared.put('one', 'text', 60_000)
    expect(await redisShared(redis.redis).get('one')).toBe('text')
    expect(await redis.redis.pttl('fapai:shared:one')).toBeGreaterThan(50_000)
  })

  it('one of many who ask at once does the work, for its time', async () => {
    const claims = await Promise.all(Array.from({ length: 10 }, () => shared.claim('two', 60_000)))
    expect(claims.filter((one) => one)).toHaveLength(1)
    expect(await redis.redis.pttl('fapai:claim:two')).toBeGreaterThan(50_000)
    expect(await shared.claim('three', 60_000)).toBe(true)
  })
})

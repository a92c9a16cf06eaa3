import type { Cluster, Redis } from 'ioredis'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import type { SharedCounts } from '../../flow/ports'

/** The {@link SharedCounts} on Redis: one key each, one script and one round trip, the time is Redis's own. */
export function redisCounts(redis: Redis | Cluster): SharedCounts {
  const prefix = { keyPrefix: 'fapai:limit', storeClient: redis, rejectIfRedisNotReady: true }
  // What is too many is judged by the limiter: here it is only counted, for a time that is said each time.
  const counter = new RateLimiterRedis({ ...prefix, points: 1, duration: 1 })
  return {
    async add({ name, seconds }, who, count) {
      const counted = await counter.penalty(`${name}:${who}`, count, { customDuration: seconds })
      return { used: counted.consumedPoints, resetMs: counted.msBeforeNext }
    },
  }
}

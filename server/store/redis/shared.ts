import type { Cluster, Redis } from 'ioredis'
import type { Shared } from '../../flow/ports'

/** The {@link Shared} on Redis. */
export function redisShared(redis: Redis | Cluster): Shared {
  return {
    get: async (name) => (await redis.get(`fapai:shared:${name}`)) ?? undefined,
    put: async (name, text, forMs) => void (await redis.set(`fapai:shared:${name}`, text, 'PX', forMs)),
    claim: async (name, forMs) => (await redis.set(`fapai:claim:${name}`, '1', 'PX', forMs, 'NX')) === 'OK',
  }
}

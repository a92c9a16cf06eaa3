import type { Cluster, Redis } from 'ioredis'

/** The empty script, called just as `take` is: one key, three arguments of the same sizes, EVALSHA. */
export type Empty = (key: string, tag: string, leaseTtlMs: number, limit: string) => Promise<unknown>

export function defineEmpty(redis: Redis | Cluster): Empty {
  redis.defineCommand('bench:empty', { numberOfKeys: 1, lua: 'return 1' })
  const command = (redis as unknown as Record<string, Empty>)['bench:empty']!
  return (...args) => command.apply(redis, args)
}

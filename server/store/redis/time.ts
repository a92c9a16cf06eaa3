import type { Cluster, Redis } from 'ioredis'

/** What Redis's clock says (of one of its nodes, if it is a cluster), ms since the epoch. */
export async function redisTime(redis: Redis | Cluster): Promise<number> {
  const [seconds, microseconds] = await redis.time()
  return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000)
}

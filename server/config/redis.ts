import { z } from 'zod'

const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max)

/** Where slots are, and what is needed to get there. */
export const redisEnvironment = {
  /** redis://, rediss://, redis+sentinel://, redis+cluster:// or a socket path; without it an embedded one */
  REDIS_URL: z.string().min(1).optional(),
  /** what the sentinels themselves ask for (their requirepass); what stands in the URL is for Redis alone */
  REDIS_SENTINEL_PASSWORD: z.string().min(1).optional(),
  /** a discount that takes longer isn't waited for: the quote goes without it (I9) */
  REDIS_TIMEOUT_MS: whole(10, 60_000).default(300),
  /** on: nobody else is on the way to a Redis on another machine, and production may go there unencrypted */
  REDIS_PLAINTEXT: z.enum(['on', 'off']).default('off'),
}

type Env = z.output<z.ZodObject<typeof redisEnvironment>>

export function redisOf(env: Env) {
  return {
    redisUrl: env.REDIS_URL,
    redisSentinelPassword: env.REDIS_SENTINEL_PASSWORD,
    redisTimeoutMs: env.REDIS_TIMEOUT_MS,
  }
}

export function redisFaults(env: Record<string, string | undefined>): string[] {
  const { REDIS_URL: url, REDIS_SENTINEL_PASSWORD: password } = env
  const told = password !== undefined && !/^rediss?\+sentinel:/.test(url ?? '')
  return told ? ['REDIS_SENTINEL_PASSWORD: goes with a REDIS_URL of redis+sentinel://'] : []
}

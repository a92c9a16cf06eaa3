import type { Cluster, Redis } from 'ioredis'

/** The empty script, called just as `take` is: EVALSHA with two keys, nine arguments of the same sizes, and an answer of four numbers. */
export type Empty = () => Promise<unknown>

const DECK = 'fp3:{food-street:M0001}:2026-01-01'
const PAYER = 'fp2:payer:AAAAAAAAAAAAAAAA:2026-01-01'
const ARGS = ['AAAAAAAA', 130_000, 1, 'BBBBBBBB', 'food-street', 3, 2, 600_000, 900_000]

export function defineEmpty(redis: Redis | Cluster): Empty {
  redis.defineCommand('bench:empty', { numberOfKeys: 2, lua: 'return {1, 19, 130000, 1}' })
  const command = (redis as unknown as Record<string, (...args: (string | number)[]) => Promise<unknown>>)[
    'bench:empty'
  ]!
  return () => command.call(redis, DECK, PAYER, ...ARGS)
}

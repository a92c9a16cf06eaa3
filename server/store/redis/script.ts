import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cluster, Redis } from 'ioredis'
import { SlotsUnavailable } from '../../flow/ports'
import { CODES } from './codes'

const VERBS = ['take', 'confirm', 'release', 'load', 'count'] as const
export type Verb = (typeof VERBS)[number]
export type Run = (key: string, ...args: (string | number)[]) => Promise<unknown>

/** The script of a verb as Redis gets it: the codes as locals, the layout, then the verb's own file. */
export function scriptOf(verb: Verb): string {
  const read = (name: string) => readFileSync(join(__dirname, `${name}.lua`), 'utf8')
  const codes = `local ${Object.keys(CODES).join(', ')} = ${Object.values(CODES).join(', ')}\n`
  return codes + read('layout') + read(verb)
}

/**
 * Every verb as a function of one key: EVALSHA in one round trip, EVAL the first time on a connection or after a restart.
 * Any failure of Redis, even an error it answers (LOADING, READONLY, OOM, …), is thrown as {@link SlotsUnavailable} with its
 * cause: whatever is wrong with the store may cost the payer the discount, never the payment (I9).
 */
export function scripts(redis: Redis | Cluster): Record<Verb, Run> {
  const define = (verb: Verb): Run => {
    const name = `slots:${verb}`
    redis.defineCommand(name, { numberOfKeys: 1, lua: scriptOf(verb) })
    const command = (redis as unknown as Record<string, Run>)[name]!
    return (...args) =>
      command.apply(redis, args).catch((cause: unknown) => {
        throw new SlotsUnavailable(`Redis failed to ${verb}`, { cause })
      })
  }
  return Object.fromEntries(VERBS.map((verb) => [verb, define(verb)])) as Record<Verb, Run>
}

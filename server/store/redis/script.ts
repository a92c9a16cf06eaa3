import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cluster, Redis } from 'ioredis'
import { SlotsUnavailable } from '../../flow/ports'
import { CODES } from './codes'

/** Of decks alone, however many; of a deck alone; of a deck and what a payer holds; of what a payer holds alone. */
const OF_DECKS = ['lay'] as const
const OF_DECK = ['load', 'count'] as const
const OF_BOTH = ['take', 'confirm', 'release'] as const
const OF_PAYER = ['payer'] as const
export type Verb = (typeof OF_DECKS | typeof OF_DECK | typeof OF_BOTH | typeof OF_PAYER)[number]
/** The keys, then the arguments; of {@link OF_DECKS} how many keys, before them. */
export type Run = (...args: (string | number)[]) => Promise<unknown>

/** The script of a verb as Redis gets it: the codes as locals, the layouts it needs, then the verb's own file. */
export function scriptOf(verb: Verb): string {
  const read = (name: string) => readFileSync(join(__dirname, `${name}.lua`), 'utf8')
  const codes = `local ${Object.keys(CODES).join(', ')} = ${Object.values(CODES).join(', ')}\n`
  const holding = ([...OF_DECKS, ...OF_DECK] as Verb[]).includes(verb) ? '' : read('holding')
  return codes + read('layout') + holding + read(verb)
}

/**
 * Every verb as a function of its keys: EVALSHA in one round trip, EVAL the first time on a connection or after a restart.
 * `together`: deck and payer's holding are on one node, so one script has both.
 * Any failure of Redis, even an error it answers (LOADING, READONLY, OOM, …), is thrown as {@link SlotsUnavailable} with its
 * cause: whatever is wrong with the store may cost the payer the discount, never the payment (I9).
 */
export function scripts(redis: Redis | Cluster, together: boolean): Record<Verb, Run> {
  const define = (verb: Verb, numberOfKeys?: number): [Verb, Run] => {
    const name = `slots:${verb}`
    redis.defineCommand(name, { ...(numberOfKeys && { numberOfKeys }), lua: scriptOf(verb) })
    const command = (redis as unknown as Record<string, Run>)[name]!
    return [
      verb,
      (...args) =>
        command.apply(redis, args).catch((cause: unknown) => {
          throw new SlotsUnavailable(`Redis failed to ${verb}`, { cause })
        }),
    ]
  }
  const both = OF_BOTH.map((verb) => define(verb, together ? 2 : 1))
  const alone = [...OF_DECK, ...OF_PAYER].map((verb) => define(verb, 1))
  const many = OF_DECKS.map((verb) => define(verb))
  return Object.fromEntries([...both, ...alone, ...many]) as Record<Verb, Run>
}

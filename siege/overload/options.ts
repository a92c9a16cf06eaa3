import { parseArgs } from 'node:util'

export interface Options {
  /** seconds of each part: looking for what the house serves, a calm at half of it, more than it can serve, half of it again */
  seconds: { find: number; calm: number; over: number; after: number }
  /** so many times what the house serves is offered */
  factor: number
  /** visits a second that the house serves; undefined: it is looked for */
  capacity: number | undefined
  /** people, each of whom comes again and again */
  payers: number
  /** on a machine that does other work as well: times are told and not judged */
  timed: boolean
  json: string | undefined
}

const FULL = { seconds: { find: 10, calm: 15, over: 40, after: 20 }, payers: 2_000 }
const QUICK: typeof FULL = { seconds: { find: 3, calm: 1, over: 3, after: 1 }, payers: 80 }
const FACTOR = 3

export const USAGE = `npm run overload -- [--factor N] [--seconds N] [--capacity N] [--payers N] [--quick] [--json FILE]
  --factor    so many times what the house serves is offered: ${FACTOR}
  --seconds   of that: ${FULL.seconds.over}
  --capacity  visits a second that the house serves, instead of looking for it
  --payers    people who come again and again: ${FULL.payers}
  --quick     a quarter of a minute in all, in which times are told and not judged
  --json      the report, to this file as well`

/** Undefined: help was asked for. @throws Error on options there aren't */
export function readOptions(args: readonly string[]): Options | undefined {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ factor: text, seconds: text, capacity: text, payers: text, json: text },
      ...{ quick: flag, help: { ...flag, short: 'h' } },
    },
  })
  if (values.help) return undefined
  const above0 = (name: 'factor' | 'seconds' | 'capacity' | 'payers') => {
    const given = values[name]
    if (given === undefined) return undefined
    const value = Number(given)
    if (!(value > 0) || value > 1e6) throw new Error(`--${name} must be a number above 0`)
    return value
  }
  const base = values.quick ? QUICK : FULL
  return {
    seconds: { ...base.seconds, over: above0('seconds') ?? base.seconds.over },
    factor: above0('factor') ?? FACTOR,
    capacity: above0('capacity'),
    payers: Math.ceil(above0('payers') ?? base.payers),
    timed: !values.quick,
    json: values.json,
  }
}

import { createHash } from 'node:crypto'
import { parseArgs } from 'node:util'
import { ATTACKS } from './attacks'

export interface Options {
  seed: string
  /** seconds of each attack alone, of all of them together, and of each calm before and after */
  seconds: { alone: number; together: number; calm: number }
  /** sent by the attackers before it is over, all attacks together; undefined: what the seconds allow */
  requests: number | undefined
  /** the attacks have no more time than this, whatever was asked for */
  minutes: number
  attacks: readonly string[]
  /** on a machine that does other work as well: times are told and not judged */
  timed: boolean
  json: string | undefined
}

const FULL = { alone: 10, together: 20, calm: 10 }
const QUICK: typeof FULL = { alone: 1, together: 4, calm: 3 }
const MINUTES = 30

export const USAGE = `npm run siege -- [--only NAME[,NAME…]] [--requests N] [--minutes N] [--seconds N] [--seed TEXT] [--quick] [--json FILE]
  --only      of the attacks these, in turn and together: ${ATTACKS.map(({ name }) => name).join(', ')}
  --requests  goes on until the attackers have sent so many, e.g. 1000000
  --minutes   and no longer than this: ${MINUTES}
  --seconds   of each attack alone: ${FULL.alone}
  --quick     a minute in all, in which times are told and not judged`

/** @throws Error on options there aren't */
export function readOptions(args: readonly string[], now: number): Options {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: text,
      requests: text,
      minutes: text,
      seconds: text,
      seed: text,
      json: text,
      quick: { type: 'boolean', default: false },
    },
  })
  const whole = (name: 'requests' | 'minutes' | 'seconds') => {
    const given = values[name]
    if (given === undefined) return undefined
    if (!/^[1-9]\d{0,8}$/.test(given)) throw new Error(`--${name} must be a whole number above 0`)
    return Number(given)
  }
  const known = ATTACKS.map(({ name }) => name)
  const only = values.only?.split(',')
  const unknown = only?.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`there is no attack ${unknown}`)
  const base = values.quick ? QUICK : FULL
  return {
    seed: values.seed ?? createHash('sha256').update(String(now)).digest('hex').slice(0, 12),
    seconds: { ...base, alone: whole('seconds') ?? base.alone },
    requests: whole('requests'),
    minutes: whole('minutes') ?? MINUTES,
    attacks: only ?? known,
    timed: !values.quick,
    json: values.json,
  }
}

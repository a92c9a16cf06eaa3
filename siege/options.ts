import { createHash } from 'node:crypto'
import { parseArgs } from 'node:util'
import { ATTACKS } from './attacks'

export interface Options {
  seed: string
  /** seconds before the first calm, which is nobody's; of each attack alone, of all of them together, and of each calm before and after; between them */
  seconds: { warm: number; alone: number; together: number; calm: number; rest: number }
  /** honest people who pay at any time */
  payers: number
  /** of an attack alone; undefined: what the seconds allow */
  requestsAlone: number | undefined
  /** sent by the attackers before it is over, all attacks together; undefined: what the seconds allow */
  requests: number | undefined
  /** the attacks have no more time than this, whatever was asked for */
  minutes: number
  attacks: readonly string[]
  /** on a machine that does other work as well: times are told and not judged */
  timed: boolean
  json: string | undefined
}

const FULL = {
  seconds: { warm: 3, alone: 15, together: 60, calm: 20, rest: 0.5 },
  payers: 20,
  requestsAlone: undefined,
}
/** Nothing is measured, so a few of each do: of attackers' requests, of payments beside them. */
const QUICK = { seconds: { warm: 1, alone: 0.5, together: 2, calm: 1, rest: 0.1 }, payers: 6, requestsAlone: 300 }
const MINUTES = 30

export const USAGE = `npm run siege -- [--only NAME[,NAME…]] [--requests N] [--minutes N] [--seconds N] [--seed TEXT] [--quick] [--json FILE]
  --only      of the attacks these, in turn and together: ${ATTACKS.map(({ name }) => name).join(', ')}
  --requests  goes on until the attackers have sent so many, e.g. 1000000
  --minutes   and no longer than this: ${MINUTES}
  --seconds   of each attack alone: ${FULL.seconds.alone}
  --quick     half a minute in all, in which times are told and not judged`

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
    seconds: { ...base.seconds, alone: whole('seconds') ?? base.seconds.alone },
    payers: base.payers,
    requestsAlone: base.requestsAlone,
    requests: whole('requests'),
    minutes: whole('minutes') ?? MINUTES,
    attacks: only ?? known,
    timed: !values.quick,
    json: values.json,
  }
}

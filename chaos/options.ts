import { createHash } from 'node:crypto'
import { parseArgs } from 'node:util'

export interface Options {
  seed: string
  /** of the load under faults */
  seconds: number
  /** paid orders wanted; the load goes on without kills until there are so many, three times as long at the most */
  payments: number
  kills: number
  bffs: number
  embedded: boolean
  json: string | undefined
  logLevel: string
  /** no answer for so long is a failure, ms */
  patienceMs: number
}

const DEFAULTS = { seconds: 300, payments: 4_000, kills: 30, bffs: 3 }
/** Longer than the deadlines of database and bank in a row, so that a slow answer still arrives. */
export const PATIENCE_MS = 15_000
/** Of a quick run, which shares two cores with a whole suite: what never answers is told from what has to wait for a processor. */
const PATIENT_MS = 60_000
/** Each part is killed once. With start, settling and checks some seventy seconds. */
const QUICK = { seconds: 24, payments: 120, kills: 8, bffs: 2 }

export const USAGE = `npm run chaos -- [--seed TEXT] [--seconds N] [--payments N] [--kills N] [--bffs N] [--quick] [--embedded] [--json FILE] [--log LEVEL]
  --quick     a minute and some in all: ${QUICK.seconds} s of faults, ${QUICK.kills} kills, ${QUICK.bffs} BFFs
  --embedded  one BFF on embedded stores, where redis-server and PostgreSQL are missing
  --log       what the BFFs write to standard error: silent (default), error, warn, info`

/** @throws Error on options there aren't */
export function readOptions(args: readonly string[], now: number): Options {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: text,
      seconds: text,
      payments: text,
      kills: text,
      bffs: text,
      json: text,
      log: text,
      quick: flag,
      embedded: flag,
    },
  })
  const base = values.quick ? QUICK : DEFAULTS
  const whole = (name: keyof typeof DEFAULTS) => {
    const given = values[name]
    if (given === undefined) return base[name]
    if (!/^\d{1,7}$/.test(given)) throw new Error(`--${name} must be a whole number`)
    return Number(given)
  }
  return {
    seed: values.seed ?? createHash('sha256').update(String(now)).digest('hex').slice(0, 12),
    seconds: Math.max(15, whole('seconds')),
    payments: whole('payments'),
    kills: whole('kills'),
    bffs: values.embedded ? 1 : Math.max(1, whole('bffs')),
    embedded: values.embedded,
    json: values.json,
    logLevel: values.log ?? 'silent',
    patienceMs: values.quick ? PATIENT_MS : PATIENCE_MS,
  }
}

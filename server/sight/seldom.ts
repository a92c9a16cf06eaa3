import type { Logger } from 'pino'
import { apart } from './context'
import { linesLeftOut } from './metrics'

/** So often something that goes on is told: whoever looks at the log sees it within, and a night of it is less than a thousand lines. */
const PERIOD_MS = 60_000

/** More kinds of trouble at once than there are parts: their texts differ, and they are one. */
const MOST_KINDS = 200

type Level = 'info' | 'warn' | 'error'

export interface Seldom {
  /** Writes a line, unless one of that kind was written within the last minute; then it is counted, and the minute's end says how often. */
  say(level: Level, kind: string, fields: object, message: string): void
}

const known = new WeakMap<Logger, Seldom>()

/** What would be told again and again while something is away, as by every quote while Redis is: the first time at once, then once a minute with its count. */
export function seldom(log: Logger): Seldom {
  const own = known.get(log) ?? quieted(log)
  known.set(log, own)
  return own
}

function quieted(log: Logger): Seldom {
  const goingOn = new Map<string, { level: Level; fields: object; message: string; times: number }>()

  function periodOver(key: string): void {
    const { level, fields, message, times } = goingOn.get(key)!
    if (times === 0) return void goingOn.delete(key)
    log[level]({ ...fields, times, inMs: PERIOD_MS }, message)
    goingOn.get(key)!.times = 0
    wait(key)
  }
  const wait = (key: string) => apart(() => void setTimeout(periodOver, PERIOD_MS, key).unref())

  return {
    say(level, kind, fields, message) {
      const key = goingOn.has(kind) || goingOn.size < MOST_KINDS ? kind : 'others'
      const one = goingOn.get(key)
      if (!one) {
        log[level](fields, message)
        goingOn.set(key, { level, fields, message, times: 0 })
        return wait(key)
      }
      Object.assign(one, { level, fields })
      one.times++
      linesLeftOut.inc({ what: 'repeated' })
    },
  }
}

/** What an error is told by: two of a kind are one outage, whatever else is in their texts. */
export function kindOf(error: unknown): string {
  const { name, code, cause, message } = (error ?? {}) as Record<string, unknown>
  const { code: causeCode } = (cause ?? {}) as Record<string, unknown>
  // A bug has no code; its first words tell it from another.
  return [name, code ?? causeCode ?? String(message ?? error).slice(0, 60)].map(String).join(' ')
}

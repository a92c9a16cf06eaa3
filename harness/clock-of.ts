import { join } from 'node:path'
import { TYPESCRIPT } from './typescript'

/** The environment of a process whose wall clock is wrong, and may be told to jump (moved-clock.cjs). */
export function movedClock(aheadMs: number): NodeJS.ProcessEnv {
  const preload = JSON.stringify(join(__dirname, 'moved-clock.cjs'))
  return { NODE_OPTIONS: `${TYPESCRIPT.NODE_OPTIONS} --require ${preload}`, CLOCK_AHEAD_MS: String(aheadMs) }
}

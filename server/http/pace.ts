import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'

/** Of its time the event loop keeps so much for those who don't flood. */
const KEPT = 0.5
/** Between two looks, ms: a flood that begins is slowed within a sixth of a second. */
const LOOK_MS = 25
/** However busy it is, floods are answered some 25 times a second: among them may be a person. */
const MOST_MS = 40

/** Ms between two requests of those who flood, now. */
export type Pace = () => number

/**
 * How fast those who flood are served: as fast as the event loop has time for, half of it being kept for everybody else. Who pays crosses
 * it some ten times, and at each crossing waits the longer the busier it is. The pause doubles while it is busier than half and shrinks by a
 * fifth while it isn't, so that floods get what others leave and no processor lies idle.
 * @param busy the share of its time that the loop was busy since it was last asked, 0 to 1
 * @param now never jumps, ms
 */
export function pace(busy: () => number, now: () => number): Pace {
  let gapMs = 0
  let lookedAt = now()
  return () => {
    const at = now()
    if (at - lookedAt < LOOK_MS) return gapMs
    lookedAt = at
    gapMs = busy() > KEPT ? Math.min(MOST_MS, Math.max(1, gapMs * 2)) : gapMs * 0.8
    if (gapMs < 1) gapMs = 0
    return gapMs
  }
}

/** Of this process. */
export function loopBusy(): () => number {
  let before = performance.eventLoopUtilization()
  return () => {
    const at = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(at, before)
    before = at
    return utilization
  }
}

/**
 * One after another, each when the event loop has time for it: a file of 100,000 lines is judged a page at a time, and back to back its pages keep
 * payments waiting at each of their steps.
 */
export async function* unhurried<T>(
  pages: Iterable<T>,
  gap: Pace = pace(loopBusy(), () => performance.now()),
): AsyncGenerator<T> {
  for (const page of pages) {
    yield page
    const ms = gap()
    if (ms > 0) await pause(ms)
  }
}

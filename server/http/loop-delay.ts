/** Often enough that a second of trouble is seen within it, and ten looks a second cost nothing. */
const LOOK_MS = 100
/** What a look weighs against those before it: half a second's worth counts, so that one pause of a third of it doesn't. */
const WEIGHT = 0.2

export interface LoopDelay {
  /** by how much a timer is late of late, ms: so long a request waits before anything is done for it */
  ms(): number
  stop(): void
}

export function loopDelay(now: () => number): LoopDelay {
  let expected = now() + LOOK_MS
  let late = 0
  const timer = setInterval(() => {
    const at = now()
    late += (Math.max(0, at - expected) - late) * WEIGHT
    expected = at + LOOK_MS
  }, LOOK_MS)
  timer.unref()
  return { ms: () => late, stop: () => clearInterval(timer) }
}

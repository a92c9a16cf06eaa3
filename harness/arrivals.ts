/** Begins what is due by the clock, whether what came before has ended or not: a slow answer keeps nobody from coming. */
export interface Arrivals {
  /** Nobody comes any more; resolves when everybody has left. */
  stop(): Promise<void>
  /** so many have come */
  come(): number
  /** ms by which each was begun later than it was due: what this process itself was late */
  lateMs: readonly number[]
}

const TICK_MS = 5

/** @param aSecond of them, each of its own accord: the time between two is exponential */
export function arrivals(aSecond: number, random: () => number, begin: (dueAt: number) => Promise<unknown>): Arrivals {
  const here = new Set<Promise<unknown>>()
  const lateMs: number[] = []
  const gap = () => (-Math.log(1 - random()) * 1_000) / aSecond
  let come = 0
  let due = performance.now() + gap()
  const timer = setInterval(() => {
    for (const now = performance.now(); due <= now; due += gap()) {
      come++
      lateMs.push(now - due)
      const one = begin(due)
      here.add(one)
      void one.finally(() => here.delete(one))
    }
  }, TICK_MS)
  return {
    lateMs,
    come: () => come,
    async stop() {
      clearInterval(timer)
      await Promise.all(here)
    },
  }
}

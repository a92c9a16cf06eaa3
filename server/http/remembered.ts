/**
 * One answer for all who ask at once, and for who asks within `forMs` of when it began to be looked for: however many ask, it
 * is looked for once in so long, and nobody is told what is older.
 */
export function remembered<T>(forMs: number, now: () => number, look: () => Promise<T>): () => Promise<T> {
  let began = Number.NEGATIVE_INFINITY
  let last: Promise<T>
  return () => {
    if (now() - began >= forMs) {
      began = now()
      last = look()
    }
    return last
  }
}

/** Who asked once more before the last question was answered would only add to what hangs; after so long that one is lost. */
const LOST_MS = 30_000

/** Asks one question at a time: whoever asks while one is open waits for its answer. */
export function oneAtATime<T>(now: () => number, ask: () => Promise<T>): () => Promise<T> {
  let open: { since: number; answer: Promise<T> } | undefined
  return () => {
    if (open && now() - open.since < LOST_MS) return open.answer
    const mine = { since: now(), answer: ask().finally(over) }
    function over(): void {
      if (open === mine) open = undefined
    }
    open = mine
    return mine.answer
  }
}

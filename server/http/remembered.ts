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

/**
 * For what is dear and hardly changes: who asks for what is older than `freshMs` is told it all the same, and it is looked for meanwhile;
 * what is older than `keptMs`, or could not be found, is waited for.
 */
export function lately<T>(
  freshMs: number,
  keptMs: number,
  now: () => number,
  look: () => Promise<T>,
): () => Promise<T> {
  let known: { at: number; answer: Promise<T> } | undefined
  const anew = oneAtATime(now, () => {
    const at = now()
    return look().then((found) => {
      known = { at, answer: Promise.resolve(found) }
      return found
    })
  })
  return () => {
    const age = known ? now() - known.at : Number.POSITIVE_INFINITY
    if (!known || age >= keptMs) return anew()
    if (age >= freshMs) anew().catch(() => {}) // who asks when it is older still is told
    return known.answer
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

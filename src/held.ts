/** What an answer says of when to come again. */
interface Refusal {
  waits: boolean
  retryAfterMs: number
}

/** Only what may be asked again by itself: nothing that pays, proves or sends. */
const isQuestion = (method: string, path: string) => method === 'GET' || path === '/api/quotes'

/**
 * Questions that the server asked to be left alone with, for as long as it said. A page that asks too quickly is answered here
 * meanwhile, so that it waits whatever makes it ask: a poll, a return to the page, a finger.
 */
export function holds<R extends Refusal>() {
  const held = new Map<string, { refusal: R; until: number }>()
  return {
    /** What the server said, and how long until the question may be asked, ms; undefined: now. */
    of(method: string, path: string): { refusal: R; waitMs: number } | undefined {
      const one = held.get(`${method} ${path}`)
      // A device whose clock was set back waits no longer than it was told.
      const waitMs = one ? Math.min(one.until - Date.now(), one.refusal.retryAfterMs) : 0
      return one && waitMs > 0 ? { refusal: one.refusal, waitMs } : undefined
    },
    note(method: string, path: string, refusal: R | undefined): void {
      const name = `${method} ${path}`
      held.delete(name)
      if (!refusal?.waits || !isQuestion(method, path)) return
      const one = { refusal, until: Date.now() + refusal.retryAfterMs }
      held.set(name, one)
      // By a timer as well: the clock may be set back meanwhile.
      setTimeout(() => held.get(name) === one && held.delete(name), refusal.retryAfterMs)
    },
  }
}

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

export interface LineOptions {
  /** never jumps, ms */
  now(): number
  /** whoever holds the caller's address */
  holderOf(request: IncomingMessage): string
  /** so many requests a second of one address, for a second or two, are more than people send: see LIMITS */
  manyASecond?: number
  /** so many of theirs are under way at once */
  atOnce?: number
  /** and so long after one is begun the next may be, ms */
  gapMs?: number
}

export interface Line {
  /** Has whoever asks far too often wait for one another, and nobody else for them. */
  stand(serve: RequestListener): RequestListener
  /** requests that wait now, and addresses that are remembered */
  figures(): { waiting: number; addresses: number }
}

interface Holder {
  /** what they asked of late, a second's weighing half of the next's */
  recent: number
  at: number
}

interface Standing {
  request: IncomingMessage
  response: ServerResponse
  serve: RequestListener
}

/** In so long what was asked weighs half. */
const HALF_LIFE_MS = 1_000
/** The sum that a steady rate of one a second comes to. */
const SUM_OF_STEADY = HALF_LIFE_MS / 1_000 / Math.LN2
/** A request that takes longer waits for a database or a channel, and keeps this process from nothing. */
const TURN_MS = 25
/** Forgotten once so many are remembered: who has been quiet for ten half-lives is a stranger again. */
const LOOK_AT = 4_096
const QUIET_MS = 10 * HALF_LIFE_MS

/**
 * A line for those who flood. One process does one thing at a time, and a payment crosses its event loop some ten times; behind a
 * flood's requests it waits for all that came before it, at each crossing. So an address that asks more often than the people of
 * a whole street has few requests under way, the others wait unread, the one that asked least first, and who pays
 * meets one or two of them at a crossing instead of hundreds, and some crossings are empty. Since each connection has one request under way (serve.ts), what waits is
 * bounded by connections, and a flood gets as fast as it is answered.
 */
export function line({ now, holderOf, manyASecond = 100, atOnce = 2, gapMs = 2 }: LineOptions): Line {
  const holders = new Map<string, Holder>()
  /** by how much their callers asked, in powers of two; first come first served within one */
  const waiting: Standing[][] = Array.from({ length: 24 }, () => [])
  let underWay = 0
  let begunAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let look = LOOK_AT

  function askedBy(name: string): number {
    const at = now()
    const holder = holders.get(name) ?? { recent: 0, at }
    holder.recent = holder.recent * 2 ** ((holder.at - at) / HALF_LIFE_MS) + 1
    holder.at = at
    if (holder.recent === 1) remember(name, holder)
    return holder.recent
  }

  function remember(name: string, holder: Holder): void {
    holders.set(name, holder)
    if (holders.size < look) return
    for (const [one, { at }] of holders) if (holder.at - at > QUIET_MS) holders.delete(one)
    look = Math.max(LOOK_AT, 2 * holders.size)
  }

  function next(): void {
    if (timer || underWay >= atOnce) return
    const tooSoonMs = begunAt + gapMs - now()
    const first = waiting.find((list) => list.length > 0)
    if (!first) return
    if (tooSoonMs > 0) timer = setTimeout(due, Math.ceil(tooSoonMs))
    else {
      // Who has hung up meanwhile was nobody.
      const one = first.shift()!
      if (!one.response.destroyed) begin(one)
      next()
    }
  }

  function due(): void {
    timer = undefined
    next()
  }

  function begin({ request, response, serve }: Standing): void {
    underWay++
    begunAt = now()
    let over = false
    const end = () => {
      if (over) return
      over = true
      clearTimeout(late)
      underWay--
      next()
    }
    const late = setTimeout(end, TURN_MS)
    response.once('close', end)
    serve(request, response)
  }

  return {
    stand: (serve) => (request, response) => {
      const recent = askedBy(holderOf(request))
      if (recent <= manyASecond * SUM_OF_STEADY) return serve(request, response)
      waiting[Math.min(waiting.length - 1, Math.floor(Math.log2(recent)))]!.push({ request, response, serve })
      next()
    },
    figures: () => ({ waiting: waiting.reduce((sum, { length }) => sum + length, 0), addresses: holders.size }),
  }
}

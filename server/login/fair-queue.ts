import type { Waiter } from '../flow/ports'

/** So many may wait: in all, at one place, and for one name. */
export interface Shares {
  all: number
  place: number
  name: number
}

interface Turn {
  waiter: Waiter
  begin(): void
  giveUp(): void
}

export type FairQueue = ReturnType<typeof fairQueue>

/** The longest rest, if a busy machine took still longer for a piece. */
const REST_MS = 1_000

/**
 * One piece of work at a time, so that no crowd takes the processor from payments: while strangers wait, each of their pieces is followed
 * by as long a rest. Known devices come before strangers, and each place has its turn after every other, however many wait at one. Where
 * all room is taken the longest line gives way to a shorter.
 */
export function fairQueue(shares: Shares, restMs = REST_MS) {
  /** asked for from inside: never refused, and first */
  const own: (() => void)[] = []
  const known = lines(shares)
  const strangers = lines(shares)
  let busy = false
  /** strangers' */
  let resting = false

  function next(): void {
    if (busy) return
    const begin = own.shift() ?? (known.next() ?? (resting ? undefined : strangers.next()))?.begin
    if (!begin) return
    busy = true
    begin()
  }

  /** Nobody who is alone waits for it. */
  function rest(tookMs: number): void {
    if (resting || restMs === 0 || !strangers.waits()) return
    resting = true
    const over = () => {
      resting = false
      next()
    }
    setTimeout(over, Math.min(tookMs, restMs))
  }

  async function done<T>(work: () => Promise<T>): Promise<T> {
    const from = performance.now()
    try {
      return await work()
    } finally {
      busy = false
      rest(performance.now() - from)
      next()
    }
  }

  return {
    /** Undefined: the line is too long, and nothing was done. */
    run: <T>(waiter: Waiter, work: () => Promise<T>): Promise<T | undefined> =>
      new Promise((resolve) => {
        const turn: Turn = { waiter, begin: () => resolve(done(work)), giveUp: () => resolve(undefined) }
        if (!(waiter.known ? known : strangers).add(turn)) return resolve(undefined)
        next()
      }),
    runOwn: <T>(work: () => Promise<T>): Promise<T> =>
      new Promise((resolve) => {
        own.push(() => resolve(done(work)))
        next()
      }),
  }
}

function lines({ all, place: mostHere, name: mostOfName }: Shares) {
  /** by place; the first is next */
  const byPlace = new Map<string, Turn[]>()
  const waiting = () => [...byPlace.values()].flat()

  /** Whether the longest line, being longer than the one that asks would be, lost its last. */
  function madeRoom(length: number): boolean {
    const longest = [...byPlace.values()].reduce(
      (one, other) => (other.length > one.length ? other : one),
      [] as Turn[],
    )
    if (longest.length <= length + 1) return false
    longest.pop()!.giveUp()
    return true
  }

  return {
    waits: () => byPlace.size > 0,
    add(turn: Turn): boolean {
      const { place, name } = turn.waiter
      const line = byPlace.get(place) ?? []
      const everybody = waiting()
      if (line.length >= mostHere) return false
      if (everybody.filter((one) => one.waiter.name === name).length >= mostOfName) return false
      if (everybody.length >= all && !madeRoom(line.length)) return false
      line.push(turn)
      byPlace.set(place, line)
      return true
    },
    next(): Turn | undefined {
      for (const [place, line] of byPlace) {
        byPlace.delete(place)
        const turn = line.shift()
        if (line.length > 0) byPlace.set(place, line)
        if (turn) return turn
      }
      return undefined
    },
  }
}

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

/**
 * One piece of work at a time, so that no crowd takes the processor from payments. Known devices come before strangers, and each
 * place has its turn after every other, however many wait at one. Where all room is taken the longest line gives way to a shorter.
 */
export function fairQueue(shares: Shares) {
  /** asked for from inside: never refused, and first */
  const own: (() => void)[] = []
  const known = lines(shares)
  const strangers = lines(shares)
  let busy = false

  function next(): void {
    if (busy) return
    const begin = own.shift() ?? (known.next() ?? strangers.next())?.begin
    if (!begin) return
    busy = true
    begin()
  }

  async function done<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } finally {
      busy = false
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

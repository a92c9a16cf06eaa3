import type { IncomingMessage, RequestListener } from 'node:http'
import { whenOver } from '../serve/over'
import type { Pace } from './pace'

/** `floods`: of who asks so often that they wait for each other */
export type Admit = (serve: RequestListener, floods?: boolean) => RequestListener

/** How those are let in whose address asked so much of late. */
export interface Lane {
  /** requests a second, for a second or two, from which on one is here */
  aboveASecond: number
  /** so many are under way at once */
  atOnce: number
  /** and so long after one is begun the next may be, ms */
  gapMs: number
}

export interface LineOptions {
  /** never jumps, ms */
  now(): number
  /** whoever holds the caller's address */
  holderOf(request: IncomingMessage): string
  lanes?: readonly [Lane, ...Lane[]]
  /** what those of more than ten requests a second leave between two at least */
  pace?: Pace
}

export interface Line {
  /**
   * Has whoever asks often wait for who asks as often, and nobody who asks less for them. `admit` turns away what there is no room for: who
   * floods when their turn has come, so that they gain no speed by it; everybody else at once, so that nobody waits to be refused.
   */
  stand(serve: RequestListener, admit?: Admit): RequestListener
  /** The same for what has no response, such as an upgrade: its turn ends with the promise, and nothing is begun when it is gone. */
  take(request: IncomingMessage, gone: () => boolean, begin: () => Promise<void>): void
  /** requests that wait now, and addresses that are remembered */
  figures(): { waiting: number; addresses: number }
}

/**
 * A telephone's page opens with five requests and pays with a few; a street's Wi-Fi and a carrier's NAT come to 80 a second at their busiest
 * (limits.ts). Who asks more is a program. What comes after the first five at once may be how a flood begins, from many addresses together.
 */
const LANES = [
  { aboveASecond: 0, atOnce: 64, gapMs: 0 },
  { aboveASecond: 4, atOnce: 8, gapMs: 0 },
  { aboveASecond: 10, atOnce: 4, gapMs: 0 },
  { aboveASecond: 100, atOnce: 1, gapMs: 4 },
] as const satisfies readonly [Lane, ...Lane[]]

/**
 * What nobody's flood from the same address may keep waiting, in a lane of its own beside the last: a bank sends all its notices from one
 * address, and an operator who stops a campaign may sit beside the one who floods.
 */
const NEVER_LAST = /^\/(channel\/|admin\/(brake|(campaigns|merchants)\/[^/?]+\/pause)(\?|$))/
const APART: Lane = { aboveASecond: 0, atOnce: 4, gapMs: 0 }

/** What goes before all else of who doesn't flood: a payment whose payer has been given a price. Otherwise what was done for the price is lost. */
const GOES_FIRST = /^\/api\/orders(\/|\?|$)/

/** Requests a second of one address from which on they are paced. */
const FLOOD = 10

/** In so long what was asked weighs half. */
const HALF_LIFE_MS = 1_000
/** What a steady rate of one a second comes to, counted so. */
const OF_ONE_A_SECOND = HALF_LIFE_MS / 1_000 / Math.LN2
/** A request that takes longer waits for a database or a channel, and keeps this process from nothing. */
const TURN_MS = 100
const NO_PACE: Pace = () => 0
const ANYBODY: Admit = (serve) => serve
/** Once so many are remembered who has been quiet is forgotten: after ten half-lives one is a stranger again. */
const LOOK_AT = 4_096
const QUIET_MS = 10 * HALF_LIFE_MS

/**
 * A line for those who flood. One process does one thing at a time, and a payment crosses its event loop some ten times; behind a
 * flood's requests it waits at each crossing for all that came before it. So whoever's address asks often has few requests under
 * way, the others wait unread, and who pays meets some of them at a crossing instead of hundreds. Since each connection has one request
 * under way (serve.ts), what waits is bounded by connections, and a flood gets only as fast as it is answered.
 */
export function line({ now, holderOf, lanes = LANES, pace = NO_PACE }: LineOptions): Line {
  const holders = new Map<string, { recent: number; at: number }>()
  const ways: Way[] = lanes.map((lane) => wayThrough(lane, now, lane.aboveASecond < FLOOD ? NO_PACE : pace))
  const last = ways.at(-1)
  const apart = wayThrough(APART, now, NO_PACE)
  let look = LOOK_AT

  /** What an address asked of late, this request with it. */
  function askedBy(name: string): number {
    const at = now()
    const before = holders.get(name)
    if (before) {
      before.recent = before.recent * 2 ** ((before.at - at) / HALF_LIFE_MS) + 1
      before.at = at
      return before.recent
    }
    holders.set(name, { recent: 1, at })
    if (holders.size >= look) {
      for (const [one, holder] of holders) if (at - holder.at > QUIET_MS) holders.delete(one)
      look = Math.max(LOOK_AT, 2 * holders.size)
    }
    return 1
  }

  function wayOf(request: IncomingMessage) {
    const recent = askedBy(holderOf(request))
    const way = ways.findLast(({ least }) => recent > least) ?? ways[0]!
    return way === last && NEVER_LAST.test(request.url ?? '') ? apart : way
  }

  return {
    stand(serve, admit = ANYBODY) {
      const admitted = admit(serve, true)
      const enter = new Map(
        [...ways, apart].map((way) => [way, way.floods ? through(way, admitted) : admit(through(way, serve))]),
      )
      return (request, response) => enter.get(wayOf(request))!(request, response)
    },
    take: (request, gone, begin) => wayOf(request).pass({ gone, begin: (end) => void begin().finally(end) }),
    figures: () => ({
      waiting: ways.reduce((sum, way) => sum + way.waiting(), apart.waiting()),
      addresses: holders.size,
    }),
  }
}

/** Where nothing is limited. */
export const NO_LINE: Line = {
  stand: (serve, admit = ANYBODY) => admit(serve),
  take: (_request, _gone, begin) => void begin(),
  figures: () => ({ waiting: 0, addresses: 0 }),
}

interface Standing {
  /** who has hung up meanwhile waits for nothing */
  gone(): boolean
  /** before all others but those who do so, too */
  goesFirst?: boolean
  begin(end: () => void): void
}

interface Way {
  /** what an address comes to that is here, by its requests of late */
  least: number
  floods: boolean
  pass(one: Standing): void
  waiting(): number
}

/** Each request's turn. */
function through(way: Way, serve: RequestListener): RequestListener {
  return (request, response) =>
    way.pass({
      gone: () => response.destroyed,
      goesFirst: !way.floods && GOES_FIRST.test(request.url ?? ''),
      begin(end) {
        whenOver(response, end)
        serve(request, response)
      },
    })
}

/** One lane: first come, first served, after those who go first. */
function wayThrough({ aboveASecond, atOnce, gapMs }: Lane, now: () => number, pace: Pace): Way {
  const first: Standing[] = []
  const queue: Standing[] = []
  const waiting = () => first.length + queue.length
  let underWay = 0
  let begunAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined

  function next(): void {
    while (waiting() > 0 && underWay < atOnce && !timer) {
      const tooSoonMs = begunAt + Math.max(gapMs, pace()) - now()
      if (tooSoonMs > 0) timer = setTimeout(due, Math.ceil(tooSoonMs))
      else begin((first.shift() ?? queue.shift())!)
    }
  }

  function due(): void {
    timer = undefined
    next()
  }

  function begin(one: Standing): void {
    if (one.gone()) return
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
    one.begin(end)
  }

  return {
    least: aboveASecond * OF_ONE_A_SECOND,
    floods: aboveASecond >= FLOOD,
    pass(one: Standing): void {
      const to = one.goesFirst ? first : queue
      to.push(one)
      next()
    },
    waiting,
  }
}

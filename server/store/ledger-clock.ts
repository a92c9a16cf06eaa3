import type { Clock } from '../flow/ports'

/**
 * The ledger's time: the database's, looked at every few seconds and carried on by this process's monotonic clock. A jump of
 * the process's own wall clock changes nothing. Where the database's time jumps, or another machine's clock disagrees with
 * it, the time runs on as it was and is not to be trusted ({@link Clock.trusted}).
 */

/** Never jumps, and says nothing of the date: for waits, deadlines, and what is remembered for a while. */
export const monotonic: Clock = { now: () => performance.now() }

export interface LedgerClockOptions {
  /** the database's time, ms since the epoch */
  database(): Promise<number>
  /** clocks of other machines, by name; each is asked at every look, and one that doesn't answer has nothing to say */
  witnesses: Record<string, () => Promise<number>>
  /** how far a witness may be off, ms */
  toleranceMs: number
  /** tests only: ms by which database and witnesses are taken to be ahead, so that days pass */
  shiftMs?: number
  /** this process's monotonic and wall clock, ms */
  own?: { elapsed(): number; wall(): number }
  onLook?(look: Look): void
}

/** What came of a look at the clocks. */
export interface Look {
  trusted: boolean
  /** by clock, how far it is ahead of the time we go by, ms: `database`, `process` (its wall clock), and each witness that answered */
  aheadMs: Record<string, number>
}

export interface LedgerClock extends Clock {
  /** @throws Error before the first look */
  now(): number
  trusted(): boolean
  byLedger(at: number): number | null
  /** Looks at the clocks now, and every five seconds from then on. @throws what the database's failure is */
  look(): Promise<void>
  /** A clock of another machine that tells its time in what it sends us: what it was just now, ms since the epoch. */
  heard(witness: string, at: number): void
  /** Makes such a clock tell its time, now and whenever there is doubt; waits for it a second at the most, and looks. */
  consult(ask: () => Promise<unknown>): Promise<void>
  stop(): void
}

const LOOK_MS = 5_000
/** In so long NTP moves a clock by 3 ms. More is a jump, and what jumped once may jump back. */
const JUMP_MS = 2_000
/** Nothing that can't be undone is done for so long after there was doubt. */
const SETTLE_MS = 60_000
/** A time that could not be held against the database's for so long is doubtful. */
const STALE_MS = 60_000
/** What a witness said unasked counts for so long. */
const HEARD_MS = 5 * 60_000
/** Clocks that answer later than this are left out: the others' word is wanted now. */
const ANSWER_MS = 1_000

/** How far another clock is ahead of our monotonic one, ms: it was read some time between the question and the answer. */
interface Bounds {
  low: number
  high: number
}

interface Standing {
  /** how far the ledger's time is ahead of our monotonic clock, ms; undefined before the first look */
  offset: number | undefined
  /** another machine has agreed with the database, which has not jumped since */
  vouched: boolean
}

/** What a look at the clocks means for the time. `own`: our wall clock, of account only where no other machine ever spoke. */
function judge(
  { offset, vouched }: Standing,
  clocks: { database: Bounds; witnesses: readonly Bounds[]; own: number },
  toleranceMs: number,
): Standing & { offset: number; doubt: boolean } {
  const { database, witnesses, own } = clocks
  const agree = witnesses.every((one) => apart(one, database) <= toleranceMs)
  const spoken = witnesses.length > 0
  const way = outside(offset, database)
  const jumped = Math.abs(way) > JUMP_MS
  // If they all agree it was our own clock that stood still, as in a machine that slept; but what jumps may be all of them.
  const followed = !jumped || (agree && spoken)
  const next = followed ? (offset ?? (database.low + database.high) / 2) + way : offset!
  const nowVouched = agree && (spoken || (vouched && !jumped))
  const alike = nowVouched || (agree && Math.abs(outside(own, database)) <= toleranceMs)
  return { offset: next, vouched: nowVouched, doubt: jumped || !alike }
}

/** How far it must move to lie within the bounds; positive: up. Nothing has nowhere to go. */
function outside(offset: number | undefined, { low, high }: Bounds): number {
  if (offset === undefined) return 0
  return offset < low ? low - offset : offset > high ? high - offset : 0
}

function apart(one: Bounds, other: Bounds): number {
  return Math.max(0, one.low - other.high, other.low - one.high)
}

/** The other machines: those that are asked at every look, and those that tell their time in what they send us. */
function otherMachines(asked: LedgerClockOptions['witnesses'], elapsed: () => number, bounds: Read) {
  const heard = new Map<string, { offset: number; at: number }>()
  const asks: (() => Promise<unknown>)[] = []
  return {
    heard: (name: string, at: number) => void heard.set(name, { offset: at - elapsed(), at: elapsed() }),
    async consult(ask?: () => Promise<unknown>): Promise<void> {
      if (ask) asks.push(ask)
      await Promise.all(asks.map((one) => inTime(one())))
    },
    async all(): Promise<Record<string, Bounds>> {
      const answers = Object.entries(asked).map(async ([name, ask]) => [name, await inTime(bounds(ask))] as const)
      const answered = (await Promise.all(answers)).flatMap(([name, one]) => (one ? [[name, one] as const] : []))
      const told = [...heard].filter(([, { at }]) => elapsed() - at < HEARD_MS)
      return Object.fromEntries([
        ...answered,
        ...told.map(([name, { offset }]) => [name, { low: offset, high: offset }] as const),
      ])
    },
  }
}

type Read = (ask: () => Promise<number>) => Promise<Bounds>

export function ledgerClock(options: LedgerClockOptions): LedgerClock {
  const { shiftMs = 0, own = { elapsed: monotonic.now, wall: Date.now } } = options
  const { elapsed } = own
  const bounds: Read = async (ask) => {
    const askedAt = elapsed()
    const said = (await ask()) + shiftMs
    return { low: said - elapsed(), high: said - askedAt }
  }
  const others = otherMachines(options.witnesses, elapsed, bounds)
  let standing: Standing = { offset: undefined, vouched: false }
  let lookedAt = Number.NEGATIVE_INFINITY
  let doubtedAt = Number.NEGATIVE_INFINITY
  let looking: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  const trusted = () => {
    const now = elapsed()
    return now - lookedAt < STALE_MS && now - doubtedAt >= SETTLE_MS
  }

  async function look(): Promise<void> {
    const database = await bounds(options.database)
    // What they said before was by a clock of ours that may have stood still meanwhile.
    if (Math.abs(outside(standing.offset, database)) > JUMP_MS || !trusted()) await others.consult()
    const witnesses = await others.all()
    const wall = own.wall() + shiftMs - elapsed()
    const clocks = { database, witnesses: Object.values(witnesses), own: wall }
    const { doubt, ...next } = judge(standing, clocks, options.toleranceMs)
    standing = next
    lookedAt = elapsed()
    if (doubt) doubtedAt = lookedAt
    const all = Object.entries({ database, process: { low: wall, high: wall }, ...witnesses })
    const aheadMs = Object.fromEntries(all.map(([name, one]) => [name, outside(next.offset, one)]))
    options.onLook?.({ trusted: trusted(), aheadMs })
  }

  function lookOnce(): Promise<void> {
    looking ??= look().finally(() => {
      looking = undefined
      clearTimeout(timer)
      if (!stopped) timer = setTimeout(() => lookOnce().catch(() => {}), LOOK_MS).unref()
    })
    return looking
  }

  return {
    now() {
      if (standing.offset === undefined) throw new Error('nobody has looked at the clocks yet')
      return Math.floor(elapsed() + standing.offset)
    },
    trusted,
    byLedger: (at) => (trusted() ? at - shiftMs : null),
    look: lookOnce,
    heard: others.heard,
    consult: (ask) => others.consult(ask).then(() => lookOnce().catch(() => {})),
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}

/** What it resolves with; undefined when it fails or takes too long. */
function inTime<T>(asked: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ANSWER_MS, undefined)
  })
  return Promise.race([asked.catch(() => undefined), late]).finally(() => clearTimeout(timer))
}

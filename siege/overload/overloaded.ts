import { arrivals } from '../../harness/arrivals'
import { seeded } from '../../harness/hostile'
import { pause } from '../attack'
import { type Audited, audited } from '../audited'
import type { House } from '../house'
import { peakMb } from '../memory'
import type { Options } from './options'
import { type People, people } from './people'
import { at, type Back, backAfter, emptyTally, ofPaying, type Tally } from './tally'
import { type Gauges, watch } from './watch'

/** One part of the run. */
export interface Part extends Tally {
  lasted: number
  /** visits that came, and of these who paid */
  visits: number
  paid: number
  gauges: Gauges
  memoryMb: number | undefined
  /** by how much this process was late itself, the 99th percentile, ms */
  ownLateMs: number
}

export interface Result {
  /** visits a second that the house served when it was asked for no more than it served */
  capacity: number
  calm: Part
  over: Part
  after: Part
  back: Back
  /** what somebody was told who came when all had left, at last: 'served in full' */
  lastOne: string
  /** orders that were taken; of these, those that have not ended, and any that the desk has as open */
  taken: number
  open: number
  /** the house is the process that it was */
  alive: boolean
  audit: Audited
}

/** So many visits at once find out what it serves: fewer than a line of strangers takes. */
const AT_ONCE = 48
/** Of what it serves, so much is a quiet day. */
const CALM = 0.5
/** For each visit, so many who only open the page; and at the desk, so many pages a second in a calm. */
const OPEN = 0.15
const READ_A_SECOND = 2
const FULL_WITHIN_MS = 30_000
export const SERVED_IN_FULL = 'served in full'
const WARM_SHARE = 0.5

export async function overloaded(options: Options, house: House, say: (line: string) => void): Promise<Result> {
  const random = seeded(1)
  const merchants = house.merchants.honest
  say(`${options.payers} people log in`)
  const all = await people(house.system.url(), { ...options, merchants, password: house.password, random })
  const gauges = watch(house.operations)
  const pid = house.system.bff().process.pid!
  const { seconds, factor } = options
  async function part(name: string, aSecond: number, times: number, lastsS: number): Promise<Part> {
    say(`${name}: ${aSecond.toFixed(0)} visits a second, ${lastsS} s`)
    const tally = emptyTally(name)
    gauges.read()
    peakMb(pid)
    all.countIn(tally)
    let paid = 0
    const began = performance.now()
    const come = [
      arrivals(aSecond, random, async (due) => void ((await all.visit(due)) && paid++)),
      arrivals(aSecond * OPEN, random, all.open),
      arrivals(READ_A_SECOND * times, random, all.read),
    ] as const
    await pause(lastsS * 1_000)
    const lasted = (performance.now() - began) / 1_000
    const left = Promise.all(come.map((one) => one.stop()))
    leaving.push(left)
    const visits = come[0].come()
    const ownLateMs = at(0.99, come[0].lateMs)
    const part = { ...tally, lasted, visits, paid: 0, gauges: gauges.read(), memoryMb: peakMb(pid), ownLateMs }
    void left.then(() => Object.assign(part, { paid }))
    return part
  }
  const leaving: Promise<unknown>[] = []
  try {
    const capacity = options.capacity ?? (await found(all, seconds.find, say))
    const calm = await part('calm', CALM * capacity, 1, seconds.calm)
    const over = await part('over', factor * capacity, factor, seconds.over)
    const after = await part('after', CALM * capacity, 1, seconds.after)
    await Promise.all(leaving)
    const back = backAfter(after, at(0.99, ofPaying(calm, 'served')))
    const lastOne = await servedInFull(all)
    say(`${all.taken()} orders were taken; has each ended?`)
    const open = await all.openOrders()
    const { exitCode, signalCode } = house.system.bff().process
    const alive = exitCode === null && signalCode === null
    await house.system.bff().stop()
    return {
      capacity,
      calm,
      over,
      after,
      back,
      lastOne,
      taken: all.taken(),
      open,
      alive,
      audit: await audited(house),
    }
  } finally {
    gauges.stop()
    await all.close()
  }
}

/** Visits a second while so many are there at all times. What a fresh process does slowly once is nobody's capacity. */
async function found(all: People, lastsS: number, say: (line: string) => void): Promise<number> {
  say(`${AT_ONCE} at once, ${lastsS} s: what does it serve?`)
  const began = performance.now()
  const sinceMs = () => performance.now() - began
  let served = 0
  const one = async () => {
    while (sinceMs() < lastsS * 1_000)
      if ((await all.visit(performance.now(), false)) && sinceMs() > WARM_SHARE * lastsS * 1_000) served++
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
  const capacity = served / ((sinceMs() / 1_000) * (1 - WARM_SHARE))
  if (!(capacity > 0)) throw new Error('the house serves nobody')
  return capacity
}

/** Somebody comes until nothing is withheld from them for want of time, though they may have had all their cards; half a minute, in which nobody else is there. */
async function servedInFull(all: People): Promise<string> {
  for (const until = Date.now() + FULL_WITHIN_MS; ; ) {
    const tally = emptyTally('last')
    all.countIn(tally)
    const paid = await all.visit(performance.now())
    if (paid && !tally.quotes['discount-unavailable']) return SERVED_IN_FULL
    if (Date.now() > until) return Object.keys({ ...tally.answers, ...tally.quotes }).join(', ')
    await pause(500)
  }
}

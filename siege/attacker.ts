import { execFileSync } from 'node:child_process'
import { setPriority } from 'node:os'
import { seeded } from '../harness/hostile'
import type { Arms, Front } from './attack'
import { ATTACKS } from './attacks'
import { countAnswer, countLoss, emptyTally, type Tally } from './tally'

/**
 * A process of attackers, so that who measures has an event loop of its own. It is told by its parent whom to attack, and with
 * what. In the world they have machines of their own; here they share the house's, so where times are judged they take what is left of it:
 * what they cost the house is to be seen, not what they cost themselves. Where times aren't, beside a test run, nothing may be left.
 */
const NICE = 19
/** Who is nice still keeps a core for the milliseconds given to it, and a payment changes processes twenty times; who is idle doesn't. */
const IDLE = ['--all-tasks', '--idle', '--pid', '0', String(process.pid)]

function takeWhatIsLeft(): void {
  setPriority(NICE)
  try {
    execFileSync('chrt', IDLE, { stdio: 'ignore' })
  } catch {
    // Where the system knows no such class, nice is all there is.
  }
}

/** What the parent says. */
export type Order =
  | { kind: 'arm'; arms: Arms; part: number; parts: number; seed: number; timed: boolean }
  | { kind: 'attack'; names: readonly string[]; forMs: number; requests: number | undefined }

/** What is said to it. */
export type Report =
  | { kind: 'ready' }
  | { kind: 'news'; tallies: Record<string, Tally> }
  | { kind: 'over'; tallies: Record<string, Tally> }

const NEWS_MS = 250
/** Attacks end by themselves, all of them in time for the next. */
const END_MS = 3_000
/** On a machine that had no time for it, an attack goes on for so long until it has sent anything: one that wasn't made proves nothing. */
const FIRST_MS = 30_000

let order: Extract<Order, { kind: 'arm' }>

const say = (report: Report) => void process.send?.(report)

function frontOf(nth: number, tally: Tally, going: () => boolean, over: Promise<void>): Front {
  const { arms, part, parts, seed } = order
  return {
    ...arms,
    part,
    parts,
    random: seeded(seed + 1_000 * part + nth),
    addresses: Array.from({ length: 8 }, (_, i) => `127.66.${part}.${i + 1}`),
    going,
    sent(count = 1) {
      tally.sent += count
    },
    answered: (status, retryAfter, told) => countAnswer(tally, status, retryAfter, told),
    lost: (code) => countLoss(tally, code),
    over,
  }
}

async function attack({ names, forMs, requests }: Extract<Order, { kind: 'attack' }>): Promise<void> {
  const tallies: Record<string, Tally> = Object.fromEntries(names.map((name) => [name, emptyTally()]))
  const until = Date.now() + forMs
  const answered = () => Object.values(tallies).reduce((sum, one) => sum + one.answered, 0)
  const hasTime = () => Date.now() < until && (requests === undefined || answered() < requests)
  const isMissing = ({ sent }: Tally) => sent === 0 && Date.now() < until + FIRST_MS
  let end = () => {}
  const over = new Promise<void>((resolve) => {
    end = resolve
  })
  const timer = setInterval(() => {
    say({ kind: 'news', tallies })
    if (!hasTime() && !Object.values(tallies).some(isMissing)) end()
  }, NEWS_MS)
  const running = names.map((name, nth) => {
    const one = ATTACKS.find((known) => known.name === name)!
    const tally = tallies[name]!
    const going = () => hasTime() || isMissing(tally)
    return one.run(frontOf(nth, tally, going, over)).catch((error) => countLoss(tally, String(error)))
  })
  const late = over.then(() => new Promise((resolve) => setTimeout(resolve, END_MS).unref()))
  await Promise.race([Promise.all(running), late])
  clearInterval(timer)
  end()
  say({ kind: 'over', tallies })
}

process.on('disconnect', () => process.exit(0))
process.on('message', (said: Order) => {
  if (said.kind === 'attack') return void attack(said)
  order = said
  if (order.timed) takeWhatIsLeft()
  say({ kind: 'ready' })
})
process.send?.({ kind: 'listening' })

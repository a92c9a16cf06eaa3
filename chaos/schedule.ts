import type { ChannelName } from '../server/domain/channel'
import { rng } from './random'

/** A part of the system that can be killed or paused: `bff-1` …, or a server beside them. */
export type PartName = `bff-${number}` | 'redis' | 'postgres' | ChannelName

/** How Redis comes back: with its append-only file, with nothing, or with the file it had an event ago. */
export type Comeback = 'as-it-was' | 'empty' | 'old'

/** One fault, at a time since the load began. */
export type Act =
  | { atMs: number; part: PartName; does: 'kill'; downMs: number; back: Comeback }
  | { atMs: number; part: PartName; does: 'pause'; downMs: number }
  | { atMs: number; part: 'redis'; does: 'flush' }

export interface ScheduleOptions {
  seed: string
  seconds: number
  kills: number
  parts: readonly PartName[]
}

/** Payers come first, and the last fault is over before its time is. */
const FIRST_MS = 2_000
const LAST_MS = 4_000
/** From a blink to longer than every deadline of the BFF but the database's own. */
const DOWN_MS = { least: 300, most: 4_000 }

/**
 * What is done to whom, and when: so many kills, half as many pauses and, with Redis, a tenth as many FLUSHALLs. Each part has
 * its turn before any has its next; each kind of fault is spread over the time, and those of different kinds meet. Follows from
 * its arguments alone.
 */
export function schedule({ seed, seconds, kills, parts }: ScheduleOptions): Act[] {
  const draw = rng(seed, 'schedule')
  const lastMs = Math.max(FIRST_MS + 1, seconds * 1_000 - LAST_MS - DOWN_MS.most)
  const times = (count: number) =>
    Array.from(
      { length: count },
      (_, i) => FIRST_MS + Math.floor(((i * 1_000 + draw.below(1_000)) * (lastMs - FIRST_MS)) / (count * 1_000)),
    )
  const downMs = () => draw.between(DOWN_MS.least, DOWN_MS.most)
  const comebacks = inTurn<Comeback>(['as-it-was', 'empty', 'old'], draw)

  const killed = inTurn(parts, draw)
  const acts: Act[] = times(kills).map((atMs) => {
    const part = killed()
    return { atMs, part, does: 'kill', downMs: downMs(), back: part === 'redis' ? comebacks() : 'as-it-was' }
  })
  const paused = inTurn(parts, draw)
  for (const atMs of times(Math.ceil(kills / 2))) acts.push({ atMs, part: paused(), does: 'pause', downMs: downMs() })
  if (parts.includes('redis'))
    for (const atMs of times(Math.ceil(kills / 10))) acts.push({ atMs, part: 'redis', does: 'flush' })
  return acts.sort((a, b) => a.atMs - b.atMs)
}

/** Rounds of the list, each shuffled anew. */
function inTurn<T>(list: readonly T[], draw: ReturnType<typeof rng>): () => T {
  let round: T[] = []
  return () => {
    if (round.length === 0) round = draw.shuffled(list)
    return round.pop()!
  }
}

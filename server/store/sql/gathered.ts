import { AsyncResource } from 'node:async_hooks'
import { LedgerUnavailable } from '../../flow/ports'
import { codeOf, LOCK_NOT_AVAILABLE } from './errors'

/** As many are asked for by one statement at the most: what a page of rows holds, and no longer than one may wait. */
const MOST = 32
/** Nobody waits longer than this for a statement of others that hangs, ms. */
const PATIENCE_MS = 100
/** How long a statement of several waits for what somebody else has locked, ms. */
const SHARED_WAIT_MS = 200

/** What undoes all of a statement for the sake of one part of it, though the database serves. */
const OF_ONE = new Set([LOCK_NOT_AVAILABLE, '40P01', '40001'])

/**
 * SQL that is true, for a condition that is looked at before anything is locked: from then on a statement of several (`count`) is given up, to be
 * asked for one by one, rather than wait long for what belongs to one of them.
 */
export const waitingLess = (count: string) =>
  `(${count}::integer < 2 or set_config('lock_timeout', '${SHARED_WAIT_MS}', true) is not null)`

export interface Gathering<Ask, Answer> {
  /** All of it in one statement: an answer each, in their order. What it throws is thrown to all of them, unless {@link isOfOne}. */
  run(asks: readonly Ask[]): Promise<readonly Answer[]>
  /** What two that are asked for together may not both touch. */
  keysOf(ask: Ask): readonly string[]
  /** Those of one place go together where they are of one kind. Left out: they are of none. */
  kindOf?(ask: Ask): Kind
}

export interface Kind {
  place: string
  kind: string
}

interface Waiting<Ask, Answer> {
  ask: Ask
  keys: readonly string[]
  kind: Kind | undefined
  /** of whoever waits, so that what is done for them is told as theirs */
  scope: AsyncResource
  resolve(answer: Answer): void
  reject(error: unknown): void
}

/** One statement on its way; `stuck`: for longer than others should wait for it. */
interface Lane {
  stuck: boolean
}

/**
 * Statements of one kind that queue become one. With none on its way a statement goes at once and alone; what is asked for meanwhile goes together
 * when that one is done. Each asker hears of their own alone: where a part of it is refused, which undoes the whole, all are asked for once
 * more, one by one. A database that is away, or busy, is told to all of them and asked nothing more.
 */
export function gathered<Ask, Answer>(gathering: Gathering<Ask, Answer>): (ask: Ask) => Promise<Answer> {
  const { run } = gathering
  let waiting: Waiting<Ask, Answer>[] = []
  const lanes = new Set<Lane>()
  let patience: NodeJS.Timeout | undefined

  function next(): void {
    const { together, left } = compatible(waiting)
    waiting = left
    wait()
    const [first] = together
    if (!first) return
    const lane = { stuck: false }
    lanes.add(lane)
    first.scope
      .runInAsyncScope(() => send(together, run))
      .finally(() => {
        lanes.delete(lane)
        if (waiting.length > 0) next()
      })
  }

  /** Begins anew to wait for those on their way, if anybody does. */
  function wait(): void {
    clearTimeout(patience)
    patience = waiting.length === 0 ? undefined : setTimeout(passBy, PATIENCE_MS)
  }

  function passBy(): void {
    for (const lane of lanes) lane.stuck = true
    next()
  }

  return (ask) =>
    new Promise((resolve, reject) => {
      const [keys, kind] = [gathering.keysOf(ask), gathering.kindOf?.(ask)]
      waiting.push({ ask, keys, kind, scope: new AsyncResource('gathered'), resolve, reject })
      if ([...lanes].every(({ stuck }) => stuck)) next()
      else if (!patience) wait()
    })
}

/** The first of them that touch nothing of each other's, and the others, as they came. */
function compatible<Ask, Answer>(waiting: readonly Waiting<Ask, Answer>[]) {
  const touched = new Set<string>()
  const kinds = new Map<string, string>()
  const together: Waiting<Ask, Answer>[] = []
  const left: Waiting<Ask, Answer>[] = []
  for (const one of waiting) {
    const { place, kind } = one.kind ?? {}
    const isOther = place !== undefined && (kinds.get(place) ?? kind) !== kind
    const fits = together.length < MOST && !isOther && !one.keys.some((key) => touched.has(key))
    for (const key of one.keys) touched.add(key)
    if (fits && one.kind) kinds.set(one.kind.place, one.kind.kind)
    if (fits) together.push(one)
    else left.push(one)
  }
  return { together, left }
}

/** Never throws: each hears what became of theirs. */
async function send<Ask, Answer>(
  together: readonly Waiting<Ask, Answer>[],
  run: Gathering<Ask, Answer>['run'],
): Promise<void> {
  try {
    const answers = await run(together.map(({ ask }) => ask))
    for (const [nth, one] of together.entries()) one.resolve(answers[nth]!)
  } catch (error) {
    if (together.length > 1 && isOfOne(error)) await Promise.all(together.map((one) => send([one], run)))
    else for (const one of together) one.reject(error)
  }
}

/** The database refused a part of it, and so all of it: nothing of it took effect, and the others may have what they ask for. */
function isOfOne(error: unknown): boolean {
  const code = codeOf(error)
  return code !== undefined && (!(error instanceof LedgerUnavailable) || OF_ONE.has(code))
}

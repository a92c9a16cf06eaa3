import { type Clock, isTrusted, type Traces } from '../ports'

/** Orders of one statement, a moment's work. */
const BATCH = 1_000
const DAY_MS = 86_400_000

export interface TraceDeps {
  traces: Traces
  clock: Clock
  /** for so long it is kept from where an order came */
  traceRetentionDays: number
}

/** Clears from where people came when it has been kept long enough; not on a doubtful clock, since it can't be brought back. */
export async function clearTraces({ traces, clock, traceRetentionDays }: TraceDeps): Promise<'more' | 'done'> {
  if (!isTrusted(clock)) return 'done'
  const before = clock.now() - traceRetentionDays * DAY_MS
  return (await traces.clear(before, BATCH)) === BATCH ? 'more' : 'done'
}

import { type Difference, type DifferenceNext, nextOf } from '../../domain/difference'
import type { Clock, Endless, Reconciliations } from '../ports'

/** Something that has been open for a day, and what comes next. */
export interface Todo {
  kind: Endless['kind'] | 'difference'
  id: string
  channel: Endless['channel']
  date: string
  orderNo: string
  fen: number
  /** ms */
  since: number
  next: Endless['next'] | Exclude<DifferenceNext, 'settled'>
}

interface TodoDeps {
  reconciliations: Pick<Reconciliations, 'endless' | 'unsettled'>
  clock: Clock
}

const DAY_MS = 86_400_000
/** So many are read; a house with more has a channel that is down. */
const LIMIT = 200

/**
 * What has been open for longer than a day, the oldest first (I13): orders and refunds without an ending, and differences that aren't
 * settled. `more`: there are more than these.
 */
export async function todo({ reconciliations, clock }: TodoDeps): Promise<{ items: Todo[]; more: boolean }> {
  const before = clock.now() - DAY_MS
  const [endless, unsettled] = await Promise.all([
    reconciliations.endless(before, LIMIT + 1),
    reconciliations.unsettled(undefined, undefined, LIMIT + 1),
  ])
  const differences = unsettled.flatMap(todoOf).filter(({ since }) => since < before)
  const all = [...endless.map(({ businessDate: date, ...one }) => ({ ...one, date })), ...differences]
  all.sort((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1))
  return { items: all.slice(0, LIMIT), more: all.length > LIMIT }
}

function todoOf(one: Difference): Todo[] {
  const next = nextOf(one)
  if (next === 'settled') return []
  const { differenceId: id, channel, statementDate: date, orderNo, foundAt: since, line, own, owedFen } = one
  const fen = owedFen || Math.abs((line ?? own)!.payerFen)
  return [{ kind: 'difference', id, channel, date, orderNo, fen, since, next }]
}

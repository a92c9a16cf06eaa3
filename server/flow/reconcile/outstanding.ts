import type { Clock, Reconciliations, Suspicions } from '../ports'
import { type ListedDay, listDays } from './due'
import { reconciledChannels, type SourceDeps } from './source'
import { todo } from './todo'

/** What of the books waits for somebody, counted; `more`: at least so many. */
export interface Outstanding {
  /** yesterday at each channel that is reconciled */
  closing: ListedDay[]
  differences: Count
  /** payments, refunds and differences that have been open for longer than a day */
  todo: Count
  suspicions: Count
}
interface Count {
  count: number
  more: boolean
}

interface OutstandingDeps extends SourceDeps {
  reconciliations: Pick<Reconciliations, 'days' | 'firstDay' | 'unsettled' | 'endless'>
  suspicions: Pick<Suspicions, 'list'>
  clock: Clock
}

/** Whoever has more than so many to do needs no better number. */
const MOST = 100

export async function outstanding(deps: OutstandingDeps): Promise<Outstanding> {
  const [closing, differences, old, suspicions] = await Promise.all([
    Promise.all(reconciledChannels(deps).map((channel) => listDays(deps, channel, undefined, 1))),
    deps.reconciliations.unsettled(undefined, undefined, MOST + 1),
    todo(deps),
    deps.suspicions.list({ state: 'open', limit: MOST + 1 }),
  ])
  return {
    closing: closing.flat(),
    differences: counted(differences.length),
    todo: { count: old.items.length, more: old.more },
    suspicions: counted(suspicions.length),
  }
}

const counted = (found: number): Count => ({ count: Math.min(found, MOST), more: found > MOST })

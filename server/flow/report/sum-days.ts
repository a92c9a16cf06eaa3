import { addDays, businessDate } from '../../domain/business-date'
import type { Clock, Desk } from '../ports'

/** Days of one turn: each is some 50 ms of the database. */
const BATCH = 20

export interface SumDeps {
  desk: Pick<Desk, 'reports'>
  clock: Clock
  limits: { leaseTtlMs: number }
}

/** Sums days of campaigns whose decks are closed, for their reports. `more` when there may be others; safe beside other processes. */
export async function sumDays({ desk, clock, limits }: SumDeps): Promise<'more' | 'done'> {
  const lastDate = addDays(businessDate(clock.now() - limits.leaseTtlMs), -1)
  return (await desk.reports.sum(lastDate, BATCH)) === BATCH ? 'more' : 'done'
}

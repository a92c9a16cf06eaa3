import { type ArchivedDeps, dayOfArchivedOrder } from '../flow/archive/archived'
import { HttpProblem } from './problem'

/** What an address of one order is refused with where there is none for whoever asks. */
export const MISSING_ORDER = ['order-not-found', 'order-archived'] as const

/**
 * Why an order isn't there: there is none, or those of its number's day are archived; of that day only who works at the bank hears in which
 * file they are.
 */
export async function missingOrder(deps: ArchivedDeps, orderNo: string, to: 'bank' | 'others'): Promise<HttpProblem> {
  const day = await dayOfArchivedOrder(deps, orderNo)
  if (!day) return new HttpProblem('order-not-found', { field: 'orderNo' })
  const { date, file } = day
  return new HttpProblem('order-archived', { field: 'orderNo', date, ...(to === 'bank' && { file }) })
}

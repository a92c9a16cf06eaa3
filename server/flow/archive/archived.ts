import { dateOfOrderNo } from '../../domain/order'
import type { Archived, ArchivedDate } from '../ports'

/** What is told of orders that were archived: a number tells its date, so that none of them is called one that never was. */

export interface ArchivedDeps {
  archived: Archived
}

/**
 * The archived day that an order's number is of; undefined: none. Of an order that isn't there for whoever asks, and of one that never
 * was, it says the same: nobody learns by it whose numbers exist.
 */
export async function dayOfArchivedOrder(
  { archived }: ArchivedDeps,
  orderNo: string,
): Promise<ArchivedDate | undefined> {
  const date = dateOfOrderNo(orderNo)
  return date === undefined ? undefined : archived.day(date)
}

/**
 * Before which date orders are archived, where a list that was read to its end would go on beyond it. `from`: the first date that it is of;
 * undefined: it has none. Asks for nothing while there is another page.
 */
export async function archivedBefore(
  { archived }: ArchivedDeps,
  { nextCursor }: { nextCursor?: unknown },
  from?: string,
): Promise<string | undefined> {
  if (nextCursor !== undefined) return undefined
  const horizon = await archived.horizon()
  return horizon !== undefined && (from === undefined || from < horizon) ? horizon : undefined
}

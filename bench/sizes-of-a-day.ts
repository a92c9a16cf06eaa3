import type { SqlOptions } from '../server/store/sql/open-sql'
import type { Archived } from './sizes-sheet'

/** What is done of one day alone, at each size: it is to cost as much however many days there are. */

/**
 * PLACE OF THE DAY'S AUDIT. Seconds that `fapai audit --date` takes for `date`, a day that is over, sealed and reconciled, in a process of its
 * own, as {@link import('./audit-run').auditApart} does for all. null: it can't be measured yet.
 */
export async function auditOfDay(_connection: SqlOptions, _date: string): Promise<number | null> {
  return null
}

/**
 * PLACE OF THE ARCHIVE. What `fapai archive` does of `date`, the oldest day there is; the ledger is without it afterwards, so it comes last of
 * all that is measured at a size. null: it can't be measured yet.
 */
export async function archiveOfDay(_connection: SqlOptions, _date: string): Promise<Archived | null> {
  return null
}

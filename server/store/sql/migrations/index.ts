import type { Migration } from 'kysely'
import { catalogue } from './0001-catalogue'
import { orders } from './0002-orders'
import { books } from './0003-books'
import { refunds } from './0004-refunds'
import { slotReturns } from './0005-slot-returns'
import { reconciliation } from './0010-reconciliation'

/**
 * Applied in the order of their names, each once. Append-only: a migration that has left this house is never edited.
 * A list and not a folder scan, so that it is the same from sources, compiled and under test.
 */
export const migrations: Record<string, Migration> = {
  '0001-catalogue': catalogue,
  '0002-orders': orders,
  '0003-books': books,
  '0004-refunds': refunds,
  '0005-slot-returns': slotReturns,
  '0010-reconciliation': reconciliation,
}

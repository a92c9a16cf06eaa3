import type { Migration } from 'kysely'
import { catalogue } from './0001-catalogue'
import { orders } from './0002-orders'
import { books } from './0003-books'

/**
 * Applied in the order of their names, each once. Append-only: a migration that has left this house is never edited.
 * A list and not a folder scan, so that it is the same from sources, compiled and under test.
 */
export const migrations: Record<string, Migration> = {
  '0001-catalogue': catalogue,
  '0002-orders': orders,
  '0003-books': books,
}

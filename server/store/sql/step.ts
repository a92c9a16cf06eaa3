import type { Migration } from 'kysely'

/** An index of a table that is in use. */
export interface Index {
  name: string
  /** the table and its columns, as `create index … on` takes them */
  on: string
  unique?: true
}

/** A transaction, which waits for no table for long. */
export type Turn = <T>(work: (tx: Parameters<Migration['up']>[0]) => Promise<T>) => Promise<T>

/** One change of the schema. Expand first, contract a version later: a version that doesn't know it goes on beside it. */
export interface Step extends Migration {
  /** made beside whoever writes, after all steps are taken: for a table that is in use, where `up` would keep writers out */
  indexes?: readonly Index[]
  /** What takes long on a table that is in use, beside whoever writes and before `up`, turn by turn. Cut off, it comes again, and bears that. */
  beside?(turn: Turn): Promise<void>
  /**
   * Takes back what `beside` did, where that would do harm by itself: the step failed, or waits, and whoever was at it may have died. Of one that
   * waits another process may be in the middle. Asks for no right where there is nothing of it.
   */
  undo?(tx: Parameters<Migration['up']>[0], why: 'failed' | 'waits'): Promise<void>
  /** it took away or changed what versions that don't know it rely on: they are refused from then on */
  breaks?: true
  /**
   * Ends an upgrade: it waits until somebody says that no process of a version before runs any more (`fapai migrate --contract`), as there
   * is none at an empty ledger and at the embedded one. This version goes on with it and without. It `breaks` as well.
   */
  contracts?: true
}

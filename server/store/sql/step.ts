import type { Migration } from 'kysely'

/** An index of a table that is in use. */
export interface Index {
  name: string
  /** the table and its columns, as `create index … on` takes them */
  on: string
  unique?: true
}

/** One change of the schema. Expand first, contract a version later: a version that doesn't know it goes on beside it. */
export interface Step extends Migration {
  /** made beside whoever writes, after all steps are taken: for a table that is in use, where `up` would keep writers out */
  indexes?: readonly Index[]
  /** it took away or changed what versions that don't know it rely on: they are refused from then on */
  breaks?: true
}

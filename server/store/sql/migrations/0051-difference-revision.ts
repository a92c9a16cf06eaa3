import { type Kysely, type Migration, sql } from 'kysely'

/** What is decided on a difference names what was seen of it. */
export const differenceRevision: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      -- grows with every step of it: the ETag
      alter table differences add column revision integer not null default 1;
    `.execute(db)
  },
}

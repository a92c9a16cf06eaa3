import { type Kysely, type Migration, sql } from 'kysely'

/** One row that is written whenever somebody asks whether payments could be: a database may well answer and take no writes. */
export const heartbeat: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table heartbeat (
        one boolean primary key check (one),
        at timestamptz not null
      ) with (fillfactor = 10) -- so that a beat touches no index
    `.execute(db)
  },
}

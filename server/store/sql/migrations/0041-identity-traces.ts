import { type Kysely, type Migration, sql } from 'kysely'

/** From where an identity logged in last, as hashes that are kept for a while (docs/OPERATIONS.md). */
export const identityTraces: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table identities add column seen_at bigint, add column address_hash text, add column device_hash text;
      -- of the job that clears them
      create index identities_traced on identities (seen_at) where address_hash is not null or device_hash is not null;
    `.execute(db)
  },
}

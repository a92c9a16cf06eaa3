import { type Kysely, type Migration, sql } from 'kysely'

/** From where orders came, as hashes that are kept for a while (docs/OPERATIONS.md). */
export const traces: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table orders add column address_hash text, add column device_hash text;
      -- of the job that clears them
      create index orders_traced on orders (created_at) where address_hash is not null or device_hash is not null;
    `.execute(db)
  },
}

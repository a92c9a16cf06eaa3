import { type Kysely, type Migration, sql } from 'kysely'

/** Each channel's sweeper claims its own: thousands of a wallet that hangs are not in the way of the bank's. */
export const dueOfChannel: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create index orders_due_of_channel on orders (channel, next_query_at) where state = 'paying';
      drop index orders_due;
    `.execute(db)
  },
}

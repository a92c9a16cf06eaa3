import { type Kysely, type Migration, sql } from 'kysely'

/** What the indexes of the step before stand in for, for versions before them too. */
export const leanerIndexes: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      drop index orders_by_time, orders_of_branch, orders_of_campaign, orders_paid_of_merchant, orders_booked,
        order_events_of_order, postings_of_order
    `.execute(db)
  },
}

import { type Kysely, type Migration, sql } from 'kysely'

/** What the index of the step before stands in for, for versions before them too. */
export const paidAtMerchant: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`drop index orders_paid_at_merchant`.execute(db)
  },
}

import { type Kysely, type Migration, sql } from 'kysely'

/**
 * To be taken when no older version runs any more, nor may come back: its audit looks for each order's key, and each payer's day, where they
 * were. From then on packed keys go, and days that are over are forgotten; without these rows nothing does.
 */
export const keysAndDaysGo: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      insert into idempotency_keys_pruned values (0, date '2000-01-01');
      insert into payer_days_pruned values (date '2000-01-01');
    `.execute(db)
  },
}

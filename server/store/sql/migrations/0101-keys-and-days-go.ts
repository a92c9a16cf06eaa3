import { type Kysely, sql } from 'kysely'
import type { Step } from '../step'

/**
 * An older version's audit looks for each order's key, and each payer's day, where they were. From then on packed keys go, and days that are over are forgotten; without these rows nothing does.
 */
export const keysAndDaysGo: Step = {
  contracts: true,
  async up(db: Kysely<unknown>) {
    await sql`
      insert into idempotency_keys_pruned values (0, date '2000-01-01');
      insert into payer_days_pruned values (date '2000-01-01');
    `.execute(db)
  },
}

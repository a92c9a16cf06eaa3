import { type Kysely, sql } from 'kysely'
import type { Step } from '../step'

/** From which date on `payer_days` has all that payers spent: those before were forgotten. And by their date, for whoever forgets them. */
export const payerDaysPruned: Step = {
  async up(db: Kysely<unknown>) {
    await sql`
      -- one row
      create table payer_days_pruned (before_date date not null);
      insert into payer_days_pruned values (date '2000-01-01');
    `.execute(db)
  },
  indexes: [{ name: 'payer_days_of_date', on: 'payer_days (business_date)' }],
}

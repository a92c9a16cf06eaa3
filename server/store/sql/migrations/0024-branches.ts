import { type Kysely, type Migration, sql } from 'kysely'

/**
 * A branch can be corrected, at the revision that was looked at. A code that differs from another only by case or by noughts at its
 * front is that one written wrongly: a spreadsheet drops them.
 */
export const branches: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table branches add column revision integer not null default 1;
      create index merchants_alike on merchants (lower(ltrim(merchant_code, '0')));
    `.execute(db)
  },
}

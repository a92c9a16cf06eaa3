import { type Kysely, type Migration, sql } from 'kysely'

/** What a merchant's owner calls the cashiers that they invite; null where the bank handed out the code. */
export const userNames: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table binding_codes add column called text;
      alter table merchant_users add column called text;
    `.execute(db)
  },
}

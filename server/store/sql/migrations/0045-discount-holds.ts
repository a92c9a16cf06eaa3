import { type Kysely, type Migration, sql } from 'kysely'

/** Whose further discounts are held back at a campaign, as of now; how it came to that is in the change requests. */
export const discountHolds: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table discount_holds (
        campaign_id text not null,
        who text not null check (who in ('merchant', 'payer')),
        -- the merchant's code or the payer's id
        id text not null,
        -- the last date
        until date not null,
        suspicion_id text not null references suspicions,
        primary key (campaign_id, who, id)
      );
      create index discount_holds_standing on discount_holds (until);
      create index discount_holds_of on discount_holds (suspicion_id);
    `.execute(db)
  },
}

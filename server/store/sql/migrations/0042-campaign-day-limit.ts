import { type Kysely, type Migration, sql } from 'kysely'

/** What one person may use of a campaign in a day, over all of its merchants. Campaigns that are published stay as they are: no limit. */
export const campaignDayLimit: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table campaigns add column max_per_payer_per_campaign_day integer
        check (max_per_payer_per_campaign_day > 0);
    `.execute(db)
  },
}

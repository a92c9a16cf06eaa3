import { type Kysely, type Migration, sql } from 'kysely'

/** What stops discounts at once, beside whatever else waits for review. */
export const brakes: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table brakes (
        -- brake/all, merchant/<code>, campaign/<id>
        subject text primary key,
        held boolean not null,
        -- grows with every pull and every release; a campaign's counts in the revision that its operators see
        revision integer not null default 1,
        note text,
        pulled_by text not null,
        pulled_at bigint not null
      );

      -- one change waits for review, and beside it the pause that is in force
      drop index campaign_changes_one_open;
      create unique index campaign_changes_one_open on campaign_changes (campaign_id, (kind = 'pause')) where state = 'open';
    `.execute(db)
  },
}

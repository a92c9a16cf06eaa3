import { type Kysely, type Migration, sql } from 'kysely'

/** What operators see of a budget needs the decks of a campaign that are open, two days' of maybe years. */
export const openDecks: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`create index decks_open on decks (campaign_id) where closed_at is null`.execute(db)
  },
}

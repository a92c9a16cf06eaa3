import { type Kysely, type Migration, sql } from 'kysely'

/**
 * From which deck date on `payer_cards` has every card that an order holds: those before were forgotten, or are from before all of them
 * were written, and whatever is written until every process is of this version.
 */
export const payerCardsPruned: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table payer_cards_pruned (before_date date not null);
      insert into payer_cards_pruned select coalesce(max(deck_date) + 2, date '2000-01-01') from orders;
    `.execute(db)
  },
}

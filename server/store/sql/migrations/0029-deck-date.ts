import { type Kysely, type Migration, sql } from 'kysely'

/**
 * A card is of its deck's day, an order of the day on which it was opened: one that was quoted before midnight and paid after it
 * has yesterday's card. So far both were the deck's.
 */
export const deckDate: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table orders add column deck_date date;
      update orders set deck_date = business_date where slot is not null;
      alter table orders add constraint orders_deck_date check ((deck_date is null) = (slot is null));
      drop index orders_slot;
      -- I1, even if the slot store forgot
      create unique index orders_slot on orders (campaign_id, merchant_code, deck_date, slot)
        where slot is not null and state <> 'closed';
    `.execute(db)
  },
}

import { type Kysely, type Migration, sql } from 'kysely'

/**
 * The cards that a person has used on a date: one row for the payer's id and one for the bank account that an agreement of theirs
 * names, each with the orders that hold a card and aren't closed (`merchant order`). The limits are those of the campaign when the last of
 * them was opened; a check holds them, so that of two orders at once the second finds the first or waits for it.
 */
export const payerCards: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create function most_at_one_merchant(cards text[]) returns integer language sql immutable parallel safe as $$
        select coalesce(max(n), 0)::integer from (
          select count(*) as n from unnest(cards) as card group by split_part(card, ' ', 1)
        ) as merchants
      $$;
      create table payer_cards (
        campaign_id text not null,
        deck_date date not null,
        holder text not null, -- payer … or account …
        cards text[] not null,
        most_each integer, -- at one merchant; null: no limit
        most integer,
        primary key (campaign_id, deck_date, holder),
        constraint payer_cards_most check (
          cardinality(cards) <= most and most_at_one_merchant(cards) <= most_each
        )
      );
      insert into payer_cards (campaign_id, deck_date, holder, cards)
      select campaign_id, deck_date, 'payer ' || payer_id, array_agg(merchant_code || ' ' || order_no)
      from orders where slot is not null and state <> 'closed' and deck_date >= current_date - 2
      group by 1, 2, 3;
    `.execute(db)
  },
}

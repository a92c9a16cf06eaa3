import { type Kysely, type Migration, sql } from 'kysely'

/**
 * The books' chain: a link takes what was written since the one before, under a MAC whose key isn't in the database. No foreign
 * key leads to what is chained: what is gone must not be kept from being missed.
 */
export const booksChain: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table ledger_links (
        link_no bigint primary key,
        at bigint not null,
        -- the day that it seals; null: none
        business_date date unique,
        -- what was written up to these is in it or in one before
        last_event bigint not null,
        last_refund_event bigint not null,
        last_posting bigint not null,
        -- the end of the log of what operators did
        last_action bigint not null,
        action_mac text not null,
        -- SHA-256 of its parts
        content text not null,
        -- which of our keys made it, and HMAC-SHA256 of everything above and of the mac before
        key_id text not null,
        mac text not null
      );

      -- what is in a link: each row's name, and the first half of SHA-256 of what it says
      create table ledger_link_parts (
        link_no bigint not null,
        kind text not null check (kind in ('order-event', 'refund-event', 'correction', 'deck')),
        names text[] not null,
        marks uuid[] not null check (cardinality(marks) = cardinality(names)),
        primary key (link_no, kind)
      );

      create trigger ledger_links_append_only before update or delete or truncate on ledger_links
        execute function refuse_change();
      create trigger ledger_link_parts_append_only before update or delete or truncate on ledger_link_parts
        execute function refuse_change();
    `.execute(db)
  },
}

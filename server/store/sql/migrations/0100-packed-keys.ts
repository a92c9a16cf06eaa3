import { type Kysely, sql } from 'kysely'
import type { Step } from '../step'

/**
 * Keys go into packs with the papers of their orders, and out of `idempotency_keys` once nobody asks with them any more (payment/prune-keys.ts).
 * Packs from before, and those that a version from before still makes, have none: the keys of their orders stay where they are. And payers'
 * days by their date, for whoever forgets those that are over (payment/payer-days.ts). Nothing of either goes before the next step.
 */
export const packedKeys: Step = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table order_papers
        add column keys text[],
        -- SHA-256; with its key null where that isn't packed
        add column input_hashes bytea[];
      alter table order_papers add constraint order_papers_keys_of_all check (
        cardinality(keys) = cardinality(order_nos) and cardinality(input_hashes) = cardinality(order_nos)) not valid;

      create or replace view packed_papers as
      select p.business_date, p.first_no, p.last_no, x.order_no, jsonb_or_null(replace(x.request, chr(1), x.order_no)) as request, x.sent_at,
        replace(x.reply, chr(1), x.order_no) as reply, x.replied_at, x.key, encode(x.input_hash, 'hex') as input_hash
      from order_papers p
      cross join lateral unnest(p.order_nos, p.requests, p.sent_at, p.replies, p.replied_at, p.keys, p.input_hashes)
        as x(order_no, request, sent_at, reply, replied_at, key, input_hash);

      -- one row, or none: nothing goes yet
      create table idempotency_keys_pruned (
        -- of orders that were opened before it, ms, packed keys may be gone
        before_at bigint not null,
        -- of dates before it all of them are
        before_date date not null
      );
      -- as above: from which date on each payer's day is there
      create table payer_days_pruned (before_date date not null);
    `.execute(db)
  },
  indexes: [{ name: 'payer_days_of_date', on: 'payer_days (business_date)' }],
}

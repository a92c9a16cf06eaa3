import { type Kysely, sql } from 'kysely'
import type { Step } from '../step'

/**
 * Fewer bytes an order. What was sent and answered of an order goes from `channel_requests` into packs once its day is over, as it was to the
 * letter (payment/pack-papers.ts). And indexes without an order's number, which made each entry twice as long for the sake of orders
 * of one millisecond, or that hold it once for all rows of an order; the next step takes away those they stand in for.
 */
export const orderPapers: Step = {
  up: createPacks,
  indexes: [
    { name: 'orders_of_day', on: 'orders (business_date, created_at)' },
    { name: 'orders_of_branch_day', on: 'orders (branch_code, business_date, created_at)' },
    {
      name: 'orders_of_campaign_day',
      on: 'orders (campaign_id, business_date, created_at) where campaign_id is not null',
    },
    {
      name: 'orders_paid_at_merchant',
      on: `orders (merchant_code, business_date, ended_at desc) where state = 'paid'`,
    },
    { name: 'orders_ended', on: `orders (ended_at) where state = 'paid'` },
    { name: 'order_events_by_order', on: 'order_events (order_no)' },
    { name: 'postings_by_order', on: 'postings (order_no)' },
  ],
}

/** Cut off before its indexes are made, it comes again. */
async function createPacks(db: Kysely<unknown>) {
  await sql`
    create table if not exists order_papers (
      business_date date not null,
      -- between which two of its numbers they are
      first_no text not null,
      last_no text not null,
      order_nos text[] not null,
      -- JSON, with chr(1), which no JSON has, where the order's number stood
      requests text[] not null,
      sent_at bigint[] not null,
      replies text[] not null,
      replied_at bigint[] not null,
      primary key (business_date, first_no, last_no),
      check (cardinality(requests) = cardinality(order_nos) and cardinality(sent_at) = cardinality(order_nos)
        and cardinality(replies) = cardinality(order_nos) and cardinality(replied_at) = cardinality(order_nos))
    );
    create or replace trigger order_papers_append_only before update or delete or truncate on order_papers
      execute function refuse_change();

    -- Null of what is none, so that whoever makes a pack unreadable is found out and stops no audit.
    create or replace function jsonb_or_null(said text) returns jsonb language plpgsql immutable as $$
    begin
      return said::jsonb;
    exception when others then
      return null;
    end $$;
    create or replace function json_or_null(said text) returns json language plpgsql immutable as $$
    begin
      return said::json;
    exception when others then
      return null;
    end $$;

    create or replace view packed_papers as
    select p.business_date, p.first_no, p.last_no, x.order_no, jsonb_or_null(replace(x.request, chr(1), x.order_no)) as request, x.sent_at,
      replace(x.reply, chr(1), x.order_no) as reply, x.replied_at
    from order_papers p
    cross join lateral unnest(p.order_nos, p.requests, p.sent_at, p.replies, p.replied_at)
      as x(order_no, request, sent_at, reply, replied_at);
  `.execute(db)
}

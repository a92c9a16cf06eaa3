import { type Kysely, type Migration, sql } from 'kysely'

/** Refunds of paid orders, their record, and their postings: each refund balances by itself (I4). */
export const refunds: Migration = {
  async up(db: Kysely<unknown>) {
    await createRefunds(db)
    await postRefunds(db)
  },
}

async function createRefunds(db: Kysely<unknown>) {
  await sql`
    create table refunds (
      refund_no text primary key,
      order_no text not null references orders,
      merchant_code text not null,
      business_date date not null,
      payer_fen bigint not null check (payer_fen >= 1),
      merchant_fen bigint not null,
      gl_fen bigint not null check (gl_fen >= 0),
      reason text,
      idempotency_key text not null,
      input_hash text not null,
      state text not null check (state in ('refunding', 'refunded', 'failed')),
      created_at bigint not null,
      ended_at bigint,
      channel_refund_no text,
      fail_reason text,
      attempts integer not null default 0,
      next_query_at bigint,
      constraint refunds_shares check (merchant_fen = payer_fen + gl_fen),
      constraint refunds_ending check (case state
        when 'refunding' then ended_at is null and next_query_at is not null
        when 'refunded' then ended_at is not null and next_query_at is null and channel_refund_no is not null
        else ended_at is not null and next_query_at is null and fail_reason is not null
      end)
    );
    create unique index refunds_key on refunds (merchant_code, idempotency_key);
    create index refunds_of_order on refunds (order_no, created_at);
    create index refunds_due on refunds (next_query_at) where state = 'refunding';
    create index refunds_of_merchant on refunds (merchant_code, business_date) where state = 'refunded';

    create table refund_events (
      event_id bigint generated always as identity primary key,
      refund_no text not null references refunds,
      kind text not null check (kind in ('opened', 'noted', 'refunded', 'failed')),
      verb text,
      outcome jsonb,
      raw json, -- verbatim, as in order_events
      conflict text,
      at bigint not null
    );
    create index refund_events_of_refund on refund_events (refund_no, event_id);
    create trigger refund_events_append_only before update or delete or truncate on refund_events
      execute function refuse_change();
  `.execute(db)
}

/** A posting belongs to its order, or to a refund of it; either sums to zero, so their order does. */
async function postRefunds(db: Kysely<unknown>) {
  await sql`
    alter table postings add column refund_no text references refunds;

    create or replace function check_balance() returns trigger language plpgsql as $$
    declare
      total numeric;
    begin
      select sum(amount_fen) into total from postings
      where order_no = new.order_no and refund_no is not distinct from new.refund_no;
      if total <> 0 then
        raise exception 'the postings of % sum to % fen, not zero',
          coalesce('refund ' || new.refund_no, 'order ' || new.order_no), total
          using errcode = 'check_violation', constraint = 'postings_balance';
      end if;
      return null;
    end $$;
  `.execute(db)
}

import { type Kysely, type Migration, sql } from 'kysely'

/** What is written once and never changed: events, postings; and the outbox the feed reads. */
export const books: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table order_events (
        event_id bigint generated always as identity primary key,
        order_no text not null references orders,
        kind text not null check (kind in ('opened', 'noted', 'paid', 'closed')),
        verb text,
        outcome jsonb,
        raw json, -- verbatim: jsonb refuses some texts a channel may send, such as NUL
        conflict text,
        at bigint not null
      );
      create index order_events_of_order on order_events (order_no, event_id);

      create table postings (
        posting_id bigint generated always as identity primary key,
        order_no text not null references orders,
        account text not null,
        role text not null check (role in ('payer', 'gl', 'merchant')),
        amount_fen bigint not null check (amount_fen <> 0),
        posted_at bigint not null
      );
      create index postings_of_order on postings (order_no) include (amount_fen);

      create function refuse_change() returns trigger language plpgsql as $$
      begin
        raise exception '% is append-only: a correction is a new reversing entry', tg_table_name
          using errcode = 'restrict_violation';
      end $$;
      create trigger postings_append_only before update or delete or truncate on postings
        execute function refuse_change();
      create trigger order_events_append_only before update or delete or truncate on order_events
        execute function refuse_change();

      -- I4: whatever a transaction posts to an order must leave the order's postings at zero
      create function check_balance() returns trigger language plpgsql as $$
      declare
        total numeric;
      begin
        select sum(amount_fen) into total from postings where order_no = new.order_no;
        if total <> 0 then
          raise exception 'the postings of order % sum to % fen, not zero', new.order_no, total
            using errcode = 'check_violation', constraint = 'postings_balance';
        end if;
        return null;
      end $$;
      create constraint trigger postings_balance after insert on postings
        deferrable initially deferred for each row execute function check_balance();

      -- ids are given out before commit and so commit out of order; xid tells which rows are settled (outbox-feed.ts)
      create table outbox (
        id bigint generated always as identity primary key,
        xid xid8 not null default pg_current_xact_id(),
        merchant_code text not null,
        order_no text not null references orders
      );
      create index outbox_of_merchant on outbox (merchant_code, xid, id);
    `.execute(db)
  },
}

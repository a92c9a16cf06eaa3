import { type Kysely, sql } from 'kysely'
import type { Step } from '../step'

/**
 * What an ending changes of an order is in no index of `orders`, so that it is HOT: orders that are open, or closed with a slot to give back,
 * are listed beside them, when an order was paid and by which number of its channel is found among its events, and a merchant's days hold
 * paid and other orders alike. The trigger keeps the list for versions that don't know it as well; the next step takes away what these
 * indexes stand in for.
 */
export const openOrders: Step = {
  async up(db: Kysely<unknown>) {
    await createList(db)
    await keepList(db)
    await listWhatIsOpen(db)
    // Most endings find room on the page of their order: one in eighteen doesn't, and less room for all costs more than its index entries.
    await leaveRoom(db)
  },
  indexes: [
    { name: 'orders_of_merchant_day', on: 'orders (merchant_code, business_date)' },
    { name: 'order_events_paid', on: `order_events (at) where kind = 'paid'` },
    { name: 'order_events_trade_no', on: `order_events ((outcome ->> 'channelTradeNo')) where kind = 'paid'` },
  ],
}

/** Rows come and go with each payment, so it is cleaned by their number and not by their share. */
async function createList(db: Kysely<unknown>) {
  await sql`
    create table if not exists open_orders (
      order_no text primary key,
      channel text not null,
      -- as in the order: of one that is paying, when it is asked about next; of a closed one, when its slot is given back
      next_query_at bigint,
      slot_return_at bigint,
      check ((next_query_at is null) <> (slot_return_at is null))
    ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
    create index if not exists open_orders_due on open_orders (channel, next_query_at) where next_query_at is not null;
    create index if not exists open_orders_returns on open_orders (slot_return_at) where slot_return_at is not null;
  `.execute(db)
}

/**
 * By the right of who owns the tables: BFFs that go on beside this step have none on the list yet, and no later one needs any but to read it.
 * An order that is updated without being changed comes back to the list, should it have been lost.
 * A connection plans its statements once, when the list may be a page, and goes on with that while rows that are gone fill hundreds: so both
 * this and what guards orders (0096) are told to find by the index, whatever there is.
 */
async function keepList(db: Kysely<unknown>) {
  const { rows } = await sql<{ schema: string }>`select current_schema() as schema`.execute(db)
  const schema = sql.id(rows[0]!.schema)
  const isOpen = (row: 'old' | 'new') => sql.raw(`(${row}.state = 'paying' or ${row}.slot_return_at is not null)`)
  await sql`
    create or replace function keep_open_order() returns trigger language plpgsql security definer
      set search_path = ${schema}, pg_temp set enable_seqscan = off as $$
    begin
      if tg_op <> 'DELETE' and ${isOpen('new')} then
        insert into open_orders (order_no, channel, next_query_at, slot_return_at)
        values (new.order_no, new.channel, new.next_query_at, new.slot_return_at)
        on conflict (order_no) do update set channel = excluded.channel, next_query_at = excluded.next_query_at,
          slot_return_at = excluded.slot_return_at;
      else
        delete from open_orders where order_no = old.order_no;
      end if;
      return null;
    end $$;
    alter function guard_order() set enable_seqscan = off;
    create or replace trigger orders_open_when_new after insert on orders
      for each row when ${isOpen('new')} execute function keep_open_order();
    create or replace trigger orders_open after update of state, channel, next_query_at, slot_return_at on orders
      for each row when (${isOpen('old')} or ${isOpen('new')}) execute function keep_open_order();
    create or replace trigger orders_open_when_gone after delete on orders
      for each row when ${isOpen('old')} execute function keep_open_order();
  `.execute(db)
}

/** In each month, where they are divided; those to come are made as `orders_other` is (0098). */
async function leaveRoom(db: Kysely<unknown>) {
  await sql`
    do $$
    declare part regclass;
    begin
      for part in select relid from pg_partition_tree('orders') where isleaf union select 'orders'::regclass where not exists (
        select from pg_class where oid = 'orders'::regclass and relkind = 'p'
      ) loop
        execute format('alter table %s set (fillfactor = 95)', part);
      end loop;
    end $$
  `.execute(db)
}

/** The triggers keep writers out until this is committed, which is for as long as it takes to read what is open by its own indexes. */
async function listWhatIsOpen(db: Kysely<unknown>) {
  await sql`set local enable_seqscan = off`.execute(db)
  await sql`
    insert into open_orders (order_no, channel, next_query_at, slot_return_at)
    select order_no, channel, next_query_at, slot_return_at from orders where state = 'paying'
    union all
    select order_no, channel, next_query_at, slot_return_at from orders where slot_return_at is not null and state <> 'paying'
    on conflict do nothing
  `.execute(db)
  await sql`set local enable_seqscan = on`.execute(db)
}

import { type Kysely, sql } from 'kysely'
import type { Step } from '../step'

/**
 * That a card is out once (I1) and a quote is paid once, each in a table of its own, which refuses by the names of the indexes of `orders` it
 * is to stand in for: a table that is divided by its orders' numbers takes no other unique key (0083). Kept by triggers, so that every version keeps
 * them. Of decks that are closed and quotes that are long over nothing is kept (payment/order-upkeep.ts).
 */
export const takenCards: Step = {
  up: createGuards,
  indexes: [{ name: 'orders_of_deck', on: 'orders (campaign_id, merchant_code, deck_date) where slot is not null' }],
}

/** The trigger goes by the right of who owns the tables: BFFs that go on beside this step have none yet on what it writes. */
async function createGuards(db: Kysely<unknown>) {
  const { rows } = await sql<{ schema: string }>`select current_schema() as schema`.execute(db)
  await sql`
    create table if not exists taken_cards (
      campaign_id text not null,
      merchant_code text not null,
      deck_date date not null,
      slot integer not null,
      order_no text not null,
      primary key (campaign_id, deck_date, merchant_code, slot)
    );
    create table if not exists paid_quotes (
      quote_nonce text primary key,
      order_no text not null
    );

    -- up to which order's number both have forgotten
    create table if not exists order_guards_forgotten (after_no text not null);
    insert into order_guards_forgotten
    select 'F' || to_char((now() at time zone 'Asia/Shanghai')::date - 8, 'YYYYMMDD') where not exists (select from order_guards_forgotten);

    create or replace function guard_order() returns trigger language plpgsql security definer
      set search_path = ${sql.id(rows[0]!.schema)}, pg_temp as $$
    begin
      if tg_op = 'DELETE' then
        delete from paid_quotes where quote_nonce = old.quote_nonce and order_no = old.order_no;
      end if;
      if tg_op = 'INSERT' then
        insert into paid_quotes (quote_nonce, order_no) values (new.quote_nonce, new.order_no) on conflict do nothing;
        if not found then
          raise exception 'a quote is paid once' using errcode = 'unique_violation', constraint = 'orders_quote_nonce';
        end if;
      else
        delete from taken_cards
        where (campaign_id, merchant_code, deck_date, slot, order_no)
          = (old.campaign_id, old.merchant_code, old.deck_date, old.slot, old.order_no);
      end if;
      if tg_op <> 'DELETE' and new.slot is not null and new.state <> 'closed' then
        insert into taken_cards (campaign_id, merchant_code, deck_date, slot, order_no)
        values (new.campaign_id, new.merchant_code, new.deck_date, new.slot, new.order_no) on conflict do nothing;
        if not found then
          raise exception 'a card is out once' using errcode = 'unique_violation', constraint = 'orders_slot';
        end if;
      end if;
      return null;
    end $$;
    create or replace trigger orders_guarded_when_new after insert on orders for each row execute function guard_order();
    create or replace trigger orders_guarded_when_gone after delete on orders for each row execute function guard_order();
    create or replace trigger orders_guarded after update on orders for each row
      when ((old.state = 'closed') is distinct from (new.state = 'closed')
        or (old.campaign_id, old.merchant_code, old.deck_date, old.slot)
          is distinct from (new.campaign_id, new.merchant_code, new.deck_date, new.slot))
      execute function guard_order();
  `.execute(db)
}

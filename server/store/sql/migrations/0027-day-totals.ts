import { type Kysely, type Migration, sql } from 'kysely'

/**
 * How many orders a merchant was paid on a day through a channel: one row each, kept by the database itself in the transaction
 * that pays the order, whoever writes it, so that a report doesn't count what lies behind it. One row a merchant, since one
 * for all of a branch would be a queue of all payments.
 */
export const dayTotals: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table day_totals (
        merchant_code text not null,
        business_date date not null,
        channel text not null,
        orders bigint not null check (orders >= 0),
        primary key (merchant_code, business_date, channel)
      ) with (fillfactor = 50); -- a count grows in place, and no index is touched

      create function count_paid_order() returns trigger language plpgsql as $$
      begin
        if tg_op <> 'INSERT' and old.state = 'paid' then
          update day_totals set orders = orders - 1 where merchant_code = old.merchant_code
            and business_date = old.business_date and channel = old.channel;
        end if;
        if tg_op <> 'DELETE' and new.state = 'paid' then
          insert into day_totals as t (merchant_code, business_date, channel, orders)
          values (new.merchant_code, new.business_date, new.channel, 1)
          on conflict (merchant_code, business_date, channel) do update set orders = t.orders + 1;
        end if;
        return null;
      end $$;
      create trigger orders_counted_when_new after insert on orders
        for each row when (new.state = 'paid') execute function count_paid_order();
      create trigger orders_counted after update of state, merchant_code, business_date, channel on orders
        for each row when (old.state = 'paid' or new.state = 'paid') execute function count_paid_order();
      create trigger orders_counted_when_gone after delete on orders
        for each row when (old.state = 'paid') execute function count_paid_order();

      -- Payments wait while it counts, each day by itself then: 'select rebuild_day_totals(first, last)'.
      create function rebuild_day_totals(first date, last date) returns bigint language plpgsql as $$
      declare
        made bigint;
      begin
        lock table day_totals in share row exclusive mode;
        delete from day_totals where business_date between first and last;
        insert into day_totals (merchant_code, business_date, channel, orders)
        select merchant_code, business_date, channel, count(*) from orders
        where state = 'paid' and business_date between first and last group by 1, 2, 3;
        get diagnostics made = row_count;
        return made;
      end $$;
      select rebuild_day_totals('-infinity', 'infinity');
    `.execute(db)
  },
}

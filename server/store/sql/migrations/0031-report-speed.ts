import { type Kysely, type Migration, sql } from 'kysely'
import { OWN_CHANNEL } from '../../../domain/channel'

const own = sql.lit(OWN_CHANNEL)

/** A report of one day costs the same however many days lie behind it, and a page of a list whatever it is filtered by. */
export const reportSpeed: Migration = {
  async up(db: Kysely<unknown>) {
    await createShareDays(db)
    await keepShareDays(db)
    await rebuildShareDays(db)
    await keepUseOfDecks(db)
    await indexLists(db)
  },
}

/**
 * A merchant's paid orders of a day, those of them through the bank's own channel, and the same of all days before: the share of
 * any stretch of days is the difference of two rows, however long it is. Kept by the database in the transaction that pays.
 */
async function createShareDays(db: Kysely<unknown>) {
  await sql`
    create table share_days (
      merchant_code text not null,
      branch_code text not null, -- of the orders; '' where nobody knows
      business_date date not null,
      orders bigint not null check (orders >= 0),
      own bigint not null check (own >= 0),
      orders_before bigint not null,
      own_before bigint not null,
      primary key (merchant_code, branch_code, business_date)
    ) with (fillfactor = 50); -- a count grows in place, and no index is touched
  `.execute(db)
}

async function keepShareDays(db: Kysely<unknown>) {
  await sql`
    -- Rows are locked in the order of their dates. Whoever begins a day of a merchant does so alone, with the day before it held
    -- still: so no payment of either is missed in what came before.
    create function count_share(o orders, n integer) returns void language plpgsql as $$
    declare
      branch text := coalesce(o.branch_code, '');
      own_n integer := case when o.channel = ${own} then n else 0 end;
      held integer;
    begin
      update share_days set orders = orders + n, own = own + own_n
      where merchant_code = o.merchant_code and branch_code = branch and business_date = o.business_date;
      if not found then
        perform pg_advisory_xact_lock(hashtextextended('share_days ' || o.merchant_code || ' ' || branch, 0));
        perform from share_days
        where merchant_code = o.merchant_code and branch_code = branch and business_date = (
          select max(business_date) from share_days
          where merchant_code = o.merchant_code and branch_code = branch and business_date < o.business_date)
        for update;
        insert into share_days as s (merchant_code, branch_code, business_date, orders, own, orders_before, own_before)
        select o.merchant_code, branch, o.business_date, n, own_n, coalesce(p.orders_before + p.orders, 0),
          coalesce(p.own_before + p.own, 0)
        from (select) one left join (
          select * from share_days
          where merchant_code = o.merchant_code and branch_code = branch and business_date < o.business_date
          order by business_date desc limit 1
        ) p on true
        on conflict (merchant_code, branch_code, business_date) do update
          set orders = s.orders + excluded.orders, own = s.own + excluded.own;
      end if;
      -- Of an order that was paid after midnight, or days later. A day that begins meanwhile holds the one before it, and what waits for
      -- that one doesn't see the new one: so until all that are there are held, and none can begin behind any of them.
      loop
        perform from share_days
        where merchant_code = o.merchant_code and branch_code = branch and business_date > o.business_date
        order by business_date for update;
        get diagnostics held = row_count;
        exit when held = (
          select count(*) from share_days
          where merchant_code = o.merchant_code and branch_code = branch and business_date > o.business_date);
      end loop;
      update share_days set orders_before = orders_before + n, own_before = own_before + own_n
      where merchant_code = o.merchant_code and branch_code = branch and business_date > o.business_date;
    end $$;

    create function share_paid_order() returns trigger language plpgsql as $$
    begin
      if tg_op <> 'INSERT' and old.state = 'paid' then perform count_share(old, -1); end if;
      if tg_op <> 'DELETE' and new.state = 'paid' then perform count_share(new, 1); end if;
      return null;
    end $$;
    create trigger orders_shared_when_new after insert on orders
      for each row when (new.state = 'paid') execute function share_paid_order();
    create trigger orders_shared after update of state, merchant_code, branch_code, business_date, channel on orders
      for each row when (old.state = 'paid' or new.state = 'paid') execute function share_paid_order();
    create trigger orders_shared_when_gone after delete on orders
      for each row when (old.state = 'paid') execute function share_paid_order();
  `.execute(db)
}

async function rebuildShareDays(db: Kysely<unknown>) {
  await sql`
    -- What share_days should say, by the books; the audit holds the one against the other.
    create view counted_share_days as
    select merchant_code, branch_code, business_date, orders, own, (sum(orders) over so_far - orders)::bigint as orders_before,
      (sum(own) over so_far - own)::bigint as own_before
    from (
      select merchant_code, coalesce(branch_code, '') as branch_code, business_date, count(*) as orders,
        count(*) filter (where channel = ${own}) as own
      from orders where state = 'paid' group by 1, 2, 3
    ) days
    window so_far as (partition by merchant_code, branch_code order by business_date);

    -- Payments wait while it reads all paid orders.
    create function rebuild_share_days() returns bigint language plpgsql as $$
    declare
      made bigint;
    begin
      lock table share_days in share row exclusive mode;
      delete from share_days;
      insert into share_days (merchant_code, branch_code, business_date, orders, own, orders_before, own_before)
      select merchant_code, branch_code, business_date, orders, own, orders_before, own_before from counted_share_days;
      get diagnostics made = row_count;
      return made;
    end $$;
    select rebuild_share_days();
  `.execute(db)
}

/** What became of a deck's cards, from when it is closed and nothing more can: a report of half a year reads no order for it. */
async function keepUseOfDecks(db: Kysely<unknown>) {
  await sql`
    alter table decks add column used_slots integer; -- null while it is open
    alter table decks add column last_used_at bigint; -- when the last of them was taken by an order
    update decks d set used_slots = u.used, last_used_at = u.last_at
    from (
      select d.campaign_id, d.merchant_code, d.business_date, count(o.slot) as used, max(o.created_at) as last_at
      from decks d left join orders o on o.campaign_id = d.campaign_id and o.merchant_code = d.merchant_code
        and o.deck_date = d.business_date and o.slot is not null and o.state <> 'closed'
      where d.closed_at is not null group by 1, 2, 3
    ) u
    where d.campaign_id = u.campaign_id and d.merchant_code = u.merchant_code and d.business_date = u.business_date;
  `.execute(db)
}

/** Each list by what it may be filtered by, in the order in which it is shown. */
async function indexLists(db: Kysely<unknown>) {
  await sql`
    create index orders_of_branch on orders (branch_code, business_date, created_at, order_no);
    create index orders_of_campaign on orders (campaign_id, business_date, created_at, order_no)
      where campaign_id is not null;
    create index refunds_of_branch on refunds (branch_code, business_date, created_at, refund_no);
    create index refunds_failed on refunds (business_date, created_at, refund_no) where state = 'failed';
  `.execute(db)
}

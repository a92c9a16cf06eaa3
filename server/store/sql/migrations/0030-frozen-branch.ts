import { type Kysely, type Migration, sql } from 'kysely'

/**
 * Whose budget and account something is of is written down when it is: with a deck when it is committed, with an order or a
 * refund when it is opened. A merchant that moves takes none of it along, and no correction of an account reaches back. What is
 * there already gets the branch of its deck, else the merchant's of now; an account that a deck didn't keep stays unknown.
 */
export const frozenBranch: Migration = {
  async up(db: Kysely<unknown>) {
    await keepBranch(db)
    await createTotals(db)
    await countOrders(db)
    await countRefunds(db)
    await rebuildTotals(db)
  },
}

async function keepBranch(db: Kysely<unknown>) {
  await sql`
    -- null: from before it was kept
    alter table decks add column gl_account text;
    create index decks_of_branch on decks (campaign_id, branch_code, business_date);

    alter table orders add column branch_code text;
    update orders o set branch_code = coalesce(
      (select d.branch_code from decks d where d.campaign_id = o.campaign_id and d.merchant_code = o.merchant_code
        and d.business_date = o.deck_date),
      (select m.branch_code from merchants m where m.merchant_code = o.merchant_code));
    alter table refunds add column branch_code text;
    update refunds r set branch_code = (select o.branch_code from orders o where o.order_no = r.order_no);

    -- for what a process of the version before writes beside us
    create function find_branch_of_order() returns trigger language plpgsql as $$
    begin
      new.branch_code := coalesce(
        (select d.branch_code from decks d where d.campaign_id = new.campaign_id and d.merchant_code = new.merchant_code
          and d.business_date = new.deck_date),
        (select m.branch_code from merchants m where m.merchant_code = new.merchant_code));
      return new;
    end $$;
    create trigger orders_branch before insert on orders
      for each row when (new.branch_code is null) execute function find_branch_of_order();
    create function find_branch_of_refund() returns trigger language plpgsql as $$
    begin
      new.branch_code := (select o.branch_code from orders o where o.order_no = new.order_no);
      return new;
    end $$;
    create trigger refunds_branch before insert on refunds
      for each row when (new.branch_code is null) execute function find_branch_of_refund();
  `.execute(db)
}

/** '' is none: no card, no account, a branch that nobody knows any more. */
async function createTotals(db: Kysely<unknown>) {
  await sql`
    drop trigger orders_counted_when_new on orders;
    drop trigger orders_counted on orders;
    drop trigger orders_counted_when_gone on orders;
    drop function count_paid_order();
    drop table day_totals;
    create table day_totals (
      merchant_code text not null,
      business_date date not null,
      channel text not null,
      orders bigint not null default 0,
      campaign_id text not null default '',
      branch_code text not null default '',
      gl_account text not null default '',
      amount_fen bigint not null default 0,
      discount_fen bigint not null default 0,
      payer_discount_fen bigint not null default 0,
      merchant_reward_fen bigint not null default 0,
      -- what went back of the discounts of these orders, whenever it did
      returned_fen bigint not null default 0,
      -- refunds of the date, whenever their orders were
      refunds bigint not null default 0,
      refunded_payer_fen bigint not null default 0,
      refunded_merchant_fen bigint not null default 0,
      refunded_gl_fen bigint not null default 0,
      primary key (merchant_code, business_date, channel, campaign_id, branch_code, gl_account)
    ) with (fillfactor = 50); -- a count grows in place, and no index is touched
    create index day_totals_of_branch on day_totals (branch_code, business_date);
  `.execute(db)
}

/** As before, the database counts by itself, in the transaction that pays or refunds, whoever writes it. */
async function countOrders(db: Kysely<unknown>) {
  await sql`
    create function add_order_to_day(o orders, n integer) returns void language plpgsql as $$
    begin
      insert into day_totals as t (merchant_code, business_date, channel, orders, campaign_id, branch_code, gl_account,
        amount_fen, discount_fen, payer_discount_fen, merchant_reward_fen)
      values (o.merchant_code, o.business_date, o.channel, n, coalesce(o.campaign_id, ''), coalesce(o.branch_code, ''),
        coalesce(o.gl_account, ''), n * o.amount_fen, n * o.discount_fen, n * o.payer_discount_fen, n * o.merchant_reward_fen)
      on conflict (merchant_code, business_date, channel, campaign_id, branch_code, gl_account) do update
        set orders = t.orders + excluded.orders, amount_fen = t.amount_fen + excluded.amount_fen,
          discount_fen = t.discount_fen + excluded.discount_fen,
          payer_discount_fen = t.payer_discount_fen + excluded.payer_discount_fen,
          merchant_reward_fen = t.merchant_reward_fen + excluded.merchant_reward_fen;
    end $$;
    create function count_paid_order() returns trigger language plpgsql as $$
    begin
      if tg_op <> 'INSERT' and old.state = 'paid' then perform add_order_to_day(old, -1); end if;
      if tg_op <> 'DELETE' and new.state = 'paid' then perform add_order_to_day(new, 1); end if;
      return null;
    end $$;
    create trigger orders_counted_when_new after insert on orders
      for each row when (new.state = 'paid') execute function count_paid_order();
    create trigger orders_counted after update of state, merchant_code, business_date, channel, campaign_id, branch_code,
        gl_account, amount_fen, discount_fen, payer_discount_fen, merchant_reward_fen on orders
      for each row when (old.state = 'paid' or new.state = 'paid') execute function count_paid_order();
    create trigger orders_counted_when_gone after delete on orders
      for each row when (old.state = 'paid') execute function count_paid_order();
  `.execute(db)
}

/** A correction's refund gives back what was never counted. The order's day comes first, as it did: so nobody waits in a circle. */
async function countRefunds(db: Kysely<unknown>) {
  await sql`
    create function add_refund_to_days(r refunds, n integer) returns void language plpgsql as $$
    begin
      insert into day_totals as t (merchant_code, business_date, channel, campaign_id, branch_code, gl_account, returned_fen)
      select o.merchant_code, o.business_date, o.channel, coalesce(o.campaign_id, ''), coalesce(o.branch_code, ''),
        coalesce(o.gl_account, ''), n * r.gl_fen
      from orders o where o.order_no = r.order_no
      on conflict (merchant_code, business_date, channel, campaign_id, branch_code, gl_account) do update
        set returned_fen = t.returned_fen + excluded.returned_fen;
      insert into day_totals as t (merchant_code, business_date, channel, campaign_id, branch_code, gl_account, refunds,
        refunded_payer_fen, refunded_merchant_fen, refunded_gl_fen)
      select o.merchant_code, r.business_date, o.channel, coalesce(o.campaign_id, ''), coalesce(r.branch_code, ''),
        coalesce(o.gl_account, ''), n, n * r.payer_fen, n * r.merchant_fen, n * r.gl_fen
      from orders o where o.order_no = r.order_no
      on conflict (merchant_code, business_date, channel, campaign_id, branch_code, gl_account) do update
        set refunds = t.refunds + excluded.refunds,
          refunded_payer_fen = t.refunded_payer_fen + excluded.refunded_payer_fen,
          refunded_merchant_fen = t.refunded_merchant_fen + excluded.refunded_merchant_fen,
          refunded_gl_fen = t.refunded_gl_fen + excluded.refunded_gl_fen;
    end $$;
    create function count_refund() returns trigger language plpgsql as $$
    begin
      if tg_op <> 'INSERT' and old.state = 'refunded' and old.difference_id is null then
        perform add_refund_to_days(old, -1);
      end if;
      if tg_op <> 'DELETE' and new.state = 'refunded' and new.difference_id is null then
        perform add_refund_to_days(new, 1);
      end if;
      return null;
    end $$;
    create trigger refunds_counted_when_new after insert on refunds
      for each row when (new.state = 'refunded') execute function count_refund();
    create trigger refunds_counted after update of state, order_no, business_date, branch_code, payer_fen, merchant_fen, gl_fen,
        difference_id on refunds
      for each row when (old.state = 'refunded' or new.state = 'refunded') execute function count_refund();
    create trigger refunds_counted_when_gone after delete on refunds
      for each row when (old.state = 'refunded') execute function count_refund();
  `.execute(db)
}

/** The view is what the books say; the audit holds the table against it. */
async function rebuildTotals(db: Kysely<unknown>) {
  await sql`
    create view counted_day_totals as
    select merchant_code, business_date, channel, sum(orders)::bigint as orders, campaign_id, branch_code, gl_account,
      sum(amount_fen)::bigint as amount_fen, sum(discount_fen)::bigint as discount_fen,
      sum(payer_discount_fen)::bigint as payer_discount_fen, sum(merchant_reward_fen)::bigint as merchant_reward_fen,
      sum(returned_fen)::bigint as returned_fen, sum(refunds)::bigint as refunds,
      sum(refunded_payer_fen)::bigint as refunded_payer_fen, sum(refunded_merchant_fen)::bigint as refunded_merchant_fen,
      sum(refunded_gl_fen)::bigint as refunded_gl_fen
    from (
      select merchant_code, business_date, channel, 1 as orders, coalesce(campaign_id, '') as campaign_id,
        coalesce(branch_code, '') as branch_code, coalesce(gl_account, '') as gl_account, amount_fen, discount_fen,
        payer_discount_fen, merchant_reward_fen, 0 as returned_fen, 0 as refunds, 0 as refunded_payer_fen,
        0 as refunded_merchant_fen, 0 as refunded_gl_fen
      from orders where state = 'paid'
      union all
      select o.merchant_code, o.business_date, o.channel, 0, coalesce(o.campaign_id, ''), coalesce(o.branch_code, ''),
        coalesce(o.gl_account, ''), 0, 0, 0, 0, r.gl_fen, 0, 0, 0, 0
      from refunds r join orders o on o.order_no = r.order_no where r.state = 'refunded' and r.difference_id is null
      union all
      select o.merchant_code, r.business_date, o.channel, 0, coalesce(o.campaign_id, ''), coalesce(r.branch_code, ''),
        coalesce(o.gl_account, ''), 0, 0, 0, 0, 0, 1, r.payer_fen, r.merchant_fen, r.gl_fen
      from refunds r join orders o on o.order_no = r.order_no where r.state = 'refunded' and r.difference_id is null
    ) parts
    group by merchant_code, business_date, channel, campaign_id, branch_code, gl_account;

    -- Payments wait while it counts, each day by itself then: 'select rebuild_day_totals(first, last)'.
    create or replace function rebuild_day_totals(first date, last date) returns bigint language plpgsql as $$
    declare
      made bigint;
    begin
      lock table day_totals in share row exclusive mode;
      delete from day_totals where business_date between first and last;
      insert into day_totals (merchant_code, business_date, channel, orders, campaign_id, branch_code, gl_account, amount_fen,
        discount_fen, payer_discount_fen, merchant_reward_fen, returned_fen, refunds, refunded_payer_fen,
        refunded_merchant_fen, refunded_gl_fen)
      select merchant_code, business_date, channel, orders, campaign_id, branch_code, gl_account, amount_fen, discount_fen,
        payer_discount_fen, merchant_reward_fen, returned_fen, refunds, refunded_payer_fen, refunded_merchant_fen,
        refunded_gl_fen
      from counted_day_totals where business_date between first and last;
      get diagnostics made = row_count;
      return made;
    end $$;
    select rebuild_day_totals('-infinity', 'infinity');
  `.execute(db)
}

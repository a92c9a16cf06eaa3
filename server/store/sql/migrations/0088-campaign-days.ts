import { type Kysely, type Migration, sql } from 'kysely'

/**
 * A day of a campaign, summed once it is over, so that a report of half a year over five thousand merchants reads some thousand rows.
 * What is summed is always true: whoever changes what it was summed of deletes it in the same transaction, and it is summed anew later.
 */
export const campaignDays: Migration = {
  async up(db: Kysely<unknown>) {
    await createTables(db)
    await sumDay(db)
    await forgetDays(db)
  },
}

async function createTables(db: Kysely<unknown>) {
  await sql`
    create table campaign_day_sums (
      business_date date not null,
      campaign_id text not null,
      primary key (business_date, campaign_id)
    );
    create index campaign_day_sums_of_campaign on campaign_day_sums (campaign_id);
    -- paid orders at its merchants, and of those with its cards; '' as in day_totals
    create table campaign_day_orders (
      business_date date not null,
      campaign_id text not null,
      branch_code text not null,
      gl_account text not null,
      channel text not null,
      orders bigint not null,
      discounts bigint not null,
      discount_fen bigint not null,
      payer_discount_fen bigint not null,
      merchant_reward_fen bigint not null,
      returned_fen bigint not null,
      primary key (campaign_id, business_date, branch_code, gl_account, channel),
      foreign key (business_date, campaign_id) references campaign_day_sums on delete cascade
    );
    -- its decks, all of them closed; gl_account '' is from before it was kept
    create table campaign_day_decks (
      business_date date not null,
      campaign_id text not null,
      branch_code text not null,
      gl_account text not null,
      cards bigint not null,
      left_over bigint not null,
      used_up boolean not null, -- each of them
      last_used_at bigint,
      -- how many cards there are of each amount
      amounts_fen integer[] not null,
      counts bigint[] not null,
      primary key (campaign_id, business_date, branch_code, gl_account),
      foreign key (business_date, campaign_id) references campaign_day_sums on delete cascade
    );
  `.execute(db)
}

async function sumDay(db: Kysely<unknown>) {
  await sql`
    -- What both tables should say, by what they are summed of; the audit holds them against it.
    create view counted_campaign_day_orders as
    select t.business_date, cm.campaign_id, t.branch_code, t.gl_account, t.channel, sum(t.orders)::bigint as orders,
      coalesce(sum(t.orders) filter (where of_it), 0)::bigint as discounts,
      coalesce(sum(t.discount_fen) filter (where of_it), 0)::bigint as discount_fen,
      coalesce(sum(t.payer_discount_fen) filter (where of_it), 0)::bigint as payer_discount_fen,
      coalesce(sum(t.merchant_reward_fen) filter (where of_it), 0)::bigint as merchant_reward_fen,
      coalesce(sum(t.returned_fen) filter (where of_it), 0)::bigint as returned_fen
    from campaign_merchants cm join day_totals t on t.merchant_code = cm.merchant_code
    cross join lateral (select t.campaign_id = cm.campaign_id as of_it) x
    group by 1, 2, 3, 4, 5 having sum(t.orders) > 0 or coalesce(sum(t.returned_fen) filter (where of_it), 0) <> 0;

    create view counted_campaign_day_decks as
    select business_date, campaign_id, coalesce(branch_code, '') as branch_code, coalesce(gl_account, '') as gl_account,
      sum(cards)::bigint as cards, sum(left_over)::bigint as left_over, bool_and(used_up) as used_up, max(last_used_at) as last_used_at,
      array_agg(amount order by amount) filter (where amount is not null) as amounts_fen,
      array_agg(n order by amount) filter (where amount is not null) as counts
    from (
      select d.business_date, d.campaign_id, d.branch_code, d.gl_account, cardinality(d.amounts_fen) as cards,
        cardinality(d.amounts_fen) - d.used_slots as left_over, d.used_slots >= cardinality(d.amounts_fen) as used_up, d.last_used_at,
        null::integer as amount, null::bigint as n
      from campaign_merchants cm join decks d on d.campaign_id = cm.campaign_id and d.merchant_code = cm.merchant_code
      union all
      select d.business_date, d.campaign_id, d.branch_code, d.gl_account, 0, 0, null, null, a.amount, count(*)
      from campaign_merchants cm join decks d on d.campaign_id = cm.campaign_id and d.merchant_code = cm.merchant_code
      cross join lateral unnest(d.amounts_fen) a(amount)
      group by 1, 2, 3, 4, a.amount
    ) parts
    group by 1, 2, 3, 4;

    -- Whether it was summed: not while a deck of it is open, or somebody is changing a day with that date.
    create function sum_campaign_day(campaign text, day date) returns boolean language plpgsql as $$
    begin
      perform from campaigns where campaign_id = campaign for share; -- its list of merchants stays as it is
      if not pg_try_advisory_xact_lock(88, day - date '2000-01-01') then return false; end if;
      if exists (
        select from decks where campaign_id = campaign and business_date = day and (closed_at is null or used_slots is null or amounts_fen is null)
      ) then return false; end if;
      insert into campaign_day_sums (campaign_id, business_date) values (campaign, day) on conflict do nothing;
      if not found then return false; end if;
      insert into campaign_day_orders select * from counted_campaign_day_orders where campaign_id = campaign and business_date = day;
      insert into campaign_day_decks select * from counted_campaign_day_decks where campaign_id = campaign and business_date = day;
      return true;
    end $$;
  `.execute(db)
}

/** Whoever changes a merchant's day holds its date in common with others, and alone with who sums it: so neither misses the other. */
async function forgetDays(db: Kysely<unknown>) {
  await sql`
    create function forget_campaign_day_sums() returns trigger language plpgsql as $$
    declare
      day date := coalesce(new.business_date, old.business_date);
    begin
      perform pg_advisory_xact_lock_shared(88, day - date '2000-01-01');
      delete from campaign_day_sums where business_date = day;
      return null;
    end $$;
    create trigger day_totals_forget after insert or delete or update of orders, returned_fen on day_totals
      for each row execute function forget_campaign_day_sums();

    create function forget_days_of_decks() returns trigger language plpgsql as $$
    begin
      delete from campaign_day_sums d using (select distinct campaign_id, business_date from changed) c
      where d.campaign_id = c.campaign_id and d.business_date = c.business_date;
      return null;
    end $$;
    create trigger decks_forget_new after insert on decks referencing new table as changed
      for each statement execute function forget_days_of_decks();
    create trigger decks_forget after update on decks referencing new table as changed
      for each statement execute function forget_days_of_decks();
    create trigger decks_forget_gone after delete on decks referencing old table as changed
      for each statement execute function forget_days_of_decks();

    create function forget_days_of_campaigns() returns trigger language plpgsql as $$
    begin
      delete from campaign_day_sums where campaign_id in (select campaign_id from changed);
      return null;
    end $$;
    create trigger campaign_merchants_forget_new after insert on campaign_merchants referencing new table as changed
      for each statement execute function forget_days_of_campaigns();
    create trigger campaign_merchants_forget after update on campaign_merchants referencing new table as changed
      for each statement execute function forget_days_of_campaigns();
    create trigger campaign_merchants_forget_gone after delete on campaign_merchants referencing old table as changed
      for each statement execute function forget_days_of_campaigns();
  `.execute(db)
}

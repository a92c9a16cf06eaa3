import { type Kysely, type Migration, sql } from 'kysely'

/**
 * Days whose orders were written to files and taken out (archive/): which, and by which hash the file is known. What is told of orders for
 * as long as anybody asks, a payer's savings and a merchant's days, is summed before they go.
 */
export const archives: Migration = {
  async up(db: Kysely<unknown>) {
    await createArchives(db)
    await letArchivedGo(db)
    await unbind(db)
  },
}

async function createArchives(db: Kysely<unknown>) {
  await sql`
    create table archived_days (
      business_date date primary key,
      -- without a folder
      file text not null,
      -- of the file as it lies there, hex
      sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
      bytes bigint not null check (bytes > 0),
      -- in the file
      orders integer not null check (orders >= 0),
      archived_at bigint not null
    );
    create trigger archived_days_append_only before update or delete or truncate on archived_days
      execute function refuse_change();

    -- of a payer's archived orders, none of which was ever refunded
    create table archived_savings (
      payer_id text primary key,
      orders bigint not null check (orders > 0),
      saved_fen bigint not null check (saved_fen > 0)
    );

    -- of a merchant's archived paid orders, by channel and account
    create table archived_merchant_days (
      merchant_code text not null,
      business_date date not null,
      channel text not null,
      merchant_account text not null,
      orders bigint not null check (orders > 0),
      amount_fen bigint not null,
      rewards bigint not null,
      reward_fen bigint not null,
      credited_fen bigint not null,
      primary key (merchant_code, business_date, channel, merchant_account)
    );
  `.execute(db)
}

/**
 * Only who owns the tables takes orders out, and says so for the transaction: then what was counted of them stays counted, and what is
 * append-only of them goes. Whoever else took them out would be found by the audit, which looks for them in the files.
 */
async function letArchivedGo(db: Kysely<unknown>) {
  await sql`
    create function archiving() returns boolean language sql stable as $$
      select coalesce(current_setting('fapai.archiving', true), '') = 'on'
        and pg_has_role(current_user, (select relowner from pg_class where oid = 'orders'::regclass), 'member')
    $$;

    create or replace function refuse_change() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' and tg_table_name in ('order_events', 'postings') and archiving() then return null; end if;
      raise exception '% is append-only: a correction is a new reversing entry', tg_table_name
        using errcode = 'restrict_violation';
    end $$;

    create or replace function count_paid_order() returns trigger language plpgsql as $$
    begin
      if tg_op <> 'UPDATE' and archiving() then return null; end if;
      if tg_op <> 'INSERT' and old.state = 'paid' then perform add_order_to_day(old, -1); end if;
      if tg_op <> 'DELETE' and new.state = 'paid' then perform add_order_to_day(new, 1); end if;
      return null;
    end $$;

    create or replace function share_paid_order() returns trigger language plpgsql as $$
    begin
      if tg_op <> 'UPDATE' and archiving() then return null; end if;
      if tg_op <> 'INSERT' and old.state = 'paid' then perform count_share(old, -1); end if;
      if tg_op <> 'DELETE' and new.state = 'paid' then perform count_share(new, 1); end if;
      return null;
    end $$;
  `.execute(db)
}

/**
 * Without an index by which an order's rows are found there, each order that went read all of the outbox and all keys. What names an order in
 * them is written by the statement that writes the order, or that ends it.
 */
async function unbind(db: Kysely<unknown>) {
  await sql`
    alter table outbox drop constraint outbox_order_no_fkey;
    alter table idempotency_keys drop constraint idempotency_keys_order_no_fkey;
  `.execute(db)
}

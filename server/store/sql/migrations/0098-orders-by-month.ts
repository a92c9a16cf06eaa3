import { type Kysely, sql } from 'kysely'
import { LEFT_BEHIND, SINCE_NOW } from '../orders-before'
import type { Step } from '../step'

/**
 * Orders by the month that their number begins with (0083): partitions, so that a month's indexes are small, vacuum leaves old ones alone, and
 * one that was archived shrinks. What is there becomes the first, up to the end of the month to come. What belongs to no month lies in
 * `orders_other`, so that no payment ever waits for a partition. No foreign key points at orders any more: who writes a row that names one
 * writes or locks the order in the same statement, and the audit looks for rows whose order isn't there (`order-missing`).
 */
export const ordersByMonth: Step = {
  contracts: true,
  // With it the first partition is attached without being read.
  async beside(turn) {
    const end = await turn((tx) => endOf(tx))
    await turn((tx) => bound(tx, end))
    await turn((tx) => sql`alter table orders validate constraint orders_before`.execute(tx))
  },
  // Orders of the month after next would be refused by it.
  async undo(tx, why) {
    if (why === 'waits' && (await sql.raw(LEFT_BEHIND).execute(tx)).rows.length === 0) return
    await unbound(tx)
  },
  async up(db: Kysely<unknown>) {
    await divide(db)
    await createTending(db)
  },
}

/** The end of the month to come, or of the last that there is an order of, where a clock was ahead, whatever day of it. */
async function endOf(db: Kysely<unknown>): Promise<string> {
  const { rows } = await sql<{ number: string }>`
    select 'F' || to_char(greatest(
      date_trunc('month', now() at time zone 'Asia/Shanghai') + interval '2 months',
      to_date((
        select substr(order_no, 2, 6) from orders
        where order_no >= 'F2' and order_no < 'F3' and order_no ~ '^F2[0-9]{3}(0[1-9]|1[0-2])'
        order by order_no desc limit 1
      ), 'YYYYMM') + interval '1 month'
    ), 'YYYYMMDD') as number`.execute(db)
  return rows[0]!.number
}

/** Known before the table is locked, which then takes no time. */
async function bound(db: Kysely<unknown>, end: string) {
  await unbound(db)
  await sql`alter table orders add constraint orders_before check (order_no < ${sql.lit(end)}) not valid`.execute(db)
  await sql.raw(SINCE_NOW).execute(db)
}

async function unbound(db: Kysely<unknown>) {
  const { rows } = await sql`
    select from pg_constraint where conrelid = 'orders'::regclass and conname = 'orders_before'`.execute(db)
  if (rows.length > 0) await sql`alter table orders drop constraint orders_before`.execute(db)
}

/**
 * In the place of `orders` comes a table that is divided, with the same columns, checks, indexes, triggers and rights, under the same names; and
 * what was made of its row's type or reads it is made anew of the new one.
 */
async function divide(db: Kysely<unknown>) {
  await sql`
    alter table channel_requests drop constraint channel_requests_order_no_fkey;
    alter table deliveries drop constraint deliveries_order_no_fkey;
    alter table order_events drop constraint order_events_order_no_fkey;
    alter table postings drop constraint postings_order_no_fkey;
    alter table refunds drop constraint refunds_order_no_fkey;
    drop index orders_slot, orders_quote_nonce;

    do $$
    declare
      old oid := 'orders'::regclass;
      before_no text := (select substring(pg_get_constraintdef(oid) from 'F[0-9]{8}') from pg_constraint
        where conrelid = 'orders'::regclass and conname = 'orders_before');
      indexes text[] := array(select pg_get_indexdef(indexrelid) from pg_index where indrelid = old and not indisprimary order by indexrelid);
      triggers text[] := array(select pg_get_triggerdef(oid) from pg_trigger where tgrelid = old and not tgisinternal order by tgname);
      functions text[] := array(select pg_get_functiondef(p.oid) from pg_proc p where 'orders'::regtype = any(p.proargtypes) order by p.oid);
      views text[] := array(select distinct format('create or replace view %s as %s', v.oid::regclass, pg_get_viewdef(v.oid))
        from pg_class v join pg_rewrite r on r.ev_class = v.oid join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
        where d.refclassid = 'pg_class'::regclass and d.refobjid = old and v.relkind = 'v');
      item text;
      grantee record;
    begin
      for item in select format('drop trigger %I on orders', tgname) from pg_trigger where tgrelid = old and not tgisinternal loop
        execute item;
      end loop;
      alter table orders rename to orders_first;
      alter table orders_first rename constraint orders_pkey to orders_first_pkey;
      for item in select format('alter index %I rename to %I', i.relname, 'first_' || i.relname)
        from pg_index x join pg_class i on i.oid = x.indexrelid where x.indrelid = old and not x.indisprimary loop
        execute item;
      end loop;

      create table orders (like orders_first including defaults including constraints including comments) partition by range (order_no);
      alter table orders drop constraint orders_before;
      alter table orders add primary key (order_no);
      foreach item in array indexes loop execute item; end loop;
      execute format('alter table orders attach partition orders_first for values from (minvalue) to (%L)', before_no);
      alter table orders_first drop constraint orders_before;
      create table orders_other partition of orders default;
      for item in select format('alter table orders_other set (%s)', array_to_string(reloptions, ', ')) from pg_class where oid = old and reloptions is not null loop
        execute item;
      end loop;

      foreach item in array triggers loop execute item; end loop;
      foreach item in array functions loop execute item; end loop;
      foreach item in array views loop execute item; end loop;
      for item in select format('drop function %s', p.oid::regprocedure) from pg_proc p where 'orders_first'::regtype = any(p.proargtypes) loop
        execute item;
      end loop;

      for grantee in select a.grantee::regrole as role, a.privilege_type as what from pg_class c cross join lateral aclexplode(c.relacl) a
        where c.oid = old and a.grantee <> c.relowner and a.grantee <> 0 loop
        execute format('grant %s on orders to %s', grantee.what, grantee.role);
        execute format('revoke %s on orders_first from %s', grantee.what, grantee.role);
      end loop;
    end $$
  `.execute(db)
}

/**
 * Whoever serves has no right to make a table, and calls these instead. One makes the months that are to come, up to so many after this one, and
 * answers with how many it made; a month of which `orders_other` has orders already is passed over: they stay there. The other has the planner
 * look at all of them a few times a day, where PostgreSQL by itself looks at each month only; by itself, since who makes a month keeps readers
 * out until its transaction ends. What they find by name is the ledger's, whatever the caller has made under the same.
 */
async function createTending(db: Kysely<unknown>) {
  await sql`
    create function tend_orders(ahead integer) returns integer language plpgsql security definer as $$
    declare
      upto date := date_trunc('month', now() at time zone 'Asia/Shanghai') + make_interval(months => 1 + least(greatest(ahead, 0), 12));
      month date;
      name text;
      -- how full pages are, and the like, which a partition doesn't take over by itself
      settings text := (select array_to_string(reloptions, ', ') from pg_class where oid = 'orders_other'::regclass);
      made integer := 0;
    begin
      if not pg_try_advisory_xact_lock(hashtext('fapai tend_orders')) then return 0; end if;
      select max(to_date(substring(pg_get_expr(c.relpartbound, c.oid) from 'TO [(]''F([0-9]{8})''[)]'), 'YYYYMMDD')) into month
      from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'orders'::regclass;
      if month is null then raise 'orders have no month to go on from'; end if;
      while month < upto loop
        name := 'orders_' || to_char(month, 'YYYYMM');
        begin
          execute format('create table %I (like orders including all)', name);
          if settings is not null then execute format('alter table %I set (%s)', name, settings); end if;
          execute format('alter table orders attach partition %I for values from (%L) to (%L)', name,
            'F' || to_char(month, 'YYYYMMDD'), 'F' || to_char(month + interval '1 month', 'YYYYMMDD'));
          made := made + 1;
        exception when check_violation then
          raise warning 'orders of % lie among the others already', to_char(month, 'YYYY-MM');
        end;
        month := month + interval '1 month';
      end loop;
      return made;
    end $$;

    create function analyze_orders() returns void language plpgsql security definer as $$
    begin
      if (select coalesce(last_analyze < now() - interval '6 hours', true) from pg_stat_user_tables where relid = 'orders'::regclass) then
        analyze orders;
      end if;
    end $$;

    -- Whoever is at work in orders_other is waited for by nobody for long: all others would wait behind.
    alter function tend_orders(integer) set lock_timeout = '200ms';
    revoke execute on function tend_orders(integer), analyze_orders() from public;
    do $$ declare
      ours text := (select nspname from pg_namespace n join pg_class c on c.relnamespace = n.oid where c.oid = 'orders'::regclass);
    begin
      execute format('alter function tend_orders(integer) set search_path = %I, pg_temp', ours);
      execute format('alter function analyze_orders() set search_path = %I, pg_temp', ours);
    end $$
  `.execute(db)
}

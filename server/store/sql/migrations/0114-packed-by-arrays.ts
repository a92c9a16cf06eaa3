import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Step } from '../step'

/**
 * What packs reads the rows of its own orders and no others, whatever is known of the tables and whatever plan a session kept. Each statement
 * of theirs was joined with the numbers of a stretch, and where PostgreSQL took a table for empty, it read all events, or all that an index has,
 * for each stretch or for each order (0113 forbade three of the ways). Now the numbers are found one after another, an order is looked at by its own, and what goes is named by an array of them and its two ends: of
 * one table at a time, by the one index that begins with an order's number.
 */
export const packedByArrays: Step = {
  contracts: true,
  async up(db: Kysely<unknown>) {
    const { rows } = await sql<{ name: string }>`select current_schema() as name`.execute(db)
    const schema = sql.id(rows[0]!.name)
    await packBooks(db, schema)
    await packLines(db, schema)
  },
}

/** What is joined below is of arrays and of rows that were taken out. */
const SETTINGS = sql`security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_nestloop = off`

const ARCHIVING = sql`exists (
        select from pg_locks l where l.locktype = 'advisory' and l.objsubid = 1
          and l.database = (select d.oid from pg_database d where d.datname = current_database())
          and (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('archive', 0)
      )`

/** The numbers after `last` of a table, at most `most`: each by a look into the index. `distinct … limit` may read all that come after. */
const stretchOf = (table: RawBuilder<unknown>) => sql`
      while cardinality(numbers) < least(most, 5120) loop
        select t.order_no into number from ${table} t where t.order_no > coalesce(last, start) order by t.order_no limit 1;
        exit when number is null;
        numbers := numbers || number;
        last := number;
      end loop;
      looked := cardinality(numbers);`

/** As in 0103 and 0105, which say what goes and why. */
async function packBooks(db: Kysely<unknown>, schema: RawBuilder<unknown>) {
  await sql`
    create or replace function pack_books(after text, most integer, out last text, out looked integer, out packed integer)
    language plpgsql ${SETTINGS} as $$
    declare
      start text := after;
      number text;
      numbers text[] := '{}';
      chained record;
      archived date;
      its record;
      said record;
      late_of date;
      late bigint;
      due_nos text[] := '{}';
      due_dates date[] := '{}';
      due_hashes integer[] := '{}';
    begin
      lock table ${schema}.order_books in share row exclusive mode;
      looked := 0;
      packed := 0;
      if ${ARCHIVING} then return; end if;
      ${stretchOf(sql`${schema}.order_events`)}
      select l.last_event, l.last_posting, (select max(s.business_date) from ${schema}.ledger_links s) as sealed into chained
      from ${schema}.ledger_links l order by l.link_no desc limit 1;
      if chained.sealed is null then return; end if;
      archived := coalesce((select max(a.business_date) from ${schema}.archived_days a), date '-infinity');
      ${whatIsDue(schema)}
      packed := cardinality(due_nos);
      if packed = 0 then return; end if;
      perform set_config('fapai.packing', 'on', true);
      with ${taken(schema)} ${madeBooks(schema)};
      perform set_config('fapai.packing', '', true);
    end $$
  `.execute(db)
}

/** Order by order. No row is asked for by what another index has: PostgreSQL might go by that one, and read all there is in it. */
const whatIsDue = (schema: RawBuilder<unknown>) => sql`
      foreach number in array numbers loop
        select r.state, r.business_date, r.created_at, r.ended_at, r.channel_trade_no into its from ${schema}.orders r where r.order_no = number;
        continue when not found or its.state = 'paying' or its.business_date > chained.sealed or its.business_date <= archived;
        continue when exists (select from ${schema}.channel_requests q where q.order_no = number);
        if late_of is distinct from its.business_date + 2 then
          late_of := its.business_date + 2;
          late := (select l.last_event from ${schema}.ledger_links l where l.business_date = late_of);
        end if;
        select bool_or(v.kind = 'opened') as opened, bool_or(
          v.event_id > least(chained.last_event, late) or v.conflict is not null or strpos(v.raw::text, chr(10)) > 0
          or v.kind = 'paid' and (
            its.state = 'paid' and v.at = its.ended_at and ${schema}.paid_soon(its.business_date, its.created_at, its.ended_at)
          ) is not true
        ) as stays into said
        from ${schema}.order_events v where v.order_no = number;
        continue when said.opened is not true or said.stays;
        continue when (select bool_or(p.posting_id > chained.last_posting) from ${schema}.postings p where p.order_no = number);
        due_nos := due_nos || number;
        due_dates := due_dates || its.business_date;
        due_hashes := due_hashes || ${schema}.trade_hash(its.channel_trade_no);
      end loop;`

/**
 * What goes, with its place in a pack. What was written of these orders since they were looked at is in no link, and stays; `+ 0` keeps its
 * number's own index out of it.
 */
const taken = (schema: RawBuilder<unknown>) => sql`
      due as materialized (
        select d.order_no, d.business_date, d.trade_hashes, (row_number() over w - 1) / 128 as pack,
          ((row_number() over w - 1) % 128 + 1)::smallint as nth
        from unnest(due_nos, due_dates, due_hashes) d(order_no, business_date, trade_hashes)
        window w as (partition by d.business_date order by d.order_no)
      ), gone_events as (
        delete from ${schema}.order_events x
        where x.order_no = any(due_nos) and x.order_no >= due_nos[1] and x.order_no <= due_nos[packed]
          and x.event_id + 0 <= chained.last_event
        returning x.event_id, x.order_no, x.kind, x.verb, replace(x.outcome::text, x.order_no, chr(1)) as outcome,
          replace(x.raw::text, x.order_no, chr(1)) as raw, x.at
      ), gone_postings as (
        delete from ${schema}.postings x
        where x.order_no = any(due_nos) and x.order_no >= due_nos[1] and x.order_no <= due_nos[packed]
          and x.posting_id + 0 <= chained.last_posting and x.refund_no is null and x.correction_id is null
        returning x.posting_id, x.order_no, x.account, x.role, x.amount_fen, x.posted_at
      ), events as (
        select due.business_date, due.pack, due.nth, x.event_id, x.kind, x.verb, x.outcome, x.raw, x.at
        from gone_events x join due on due.order_no = x.order_no
      ), posted as (
        select due.business_date, due.pack, due.nth, x.posting_id, x.account, x.role, x.amount_fen, x.posted_at
        from gone_postings x join due on due.order_no = x.order_no
      )`

const madeBooks = (schema: RawBuilder<unknown>) => sql`
  insert into ${schema}.order_books (business_date, first_no, last_no, order_nos, trade_hashes,
    first_event, last_event, events_from, event_of, event_ids, kinds, verbs, outcomes, raws, event_at,
    first_posting, postings_from, posting_of, posting_ids, accounts, roles, amounts_fen, posted_at)
  select o.business_date, o.first_no, o.last_no, o.order_nos, o.trade_hashes,
    e.first_event, e.last_event, e.events_from, e.event_of, e.event_ids, e.kinds, e.verbs, e.outcomes, e.raws, e.event_at,
    coalesce(p.first_posting, 0), coalesce(p.postings_from, 0), coalesce(p.posting_of, '{}'), coalesce(p.posting_ids, '{}'),
    coalesce(p.accounts, '{}'), coalesce(p.roles, '{}'), coalesce(p.amounts_fen, '{}'), coalesce(p.posted_at, '{}')
  from (
    select business_date, pack, min(order_no) as first_no, max(order_no) as last_no, array_agg(order_no order by nth) as order_nos,
      array_agg(trade_hashes order by nth) as trade_hashes
    from due group by business_date, pack
  ) o
  join (
    select business_date, pack, first_event, events_from, max(event_id) as last_event, array_agg(nth order by nth, event_id) as event_of,
      array_agg(event_id - first_event order by nth, event_id) as event_ids, array_agg(kind order by nth, event_id) as kinds,
      array_agg(verb order by nth, event_id) as verbs, array_agg(outcome order by nth, event_id) as outcomes,
      array_agg(raw order by nth, event_id) as raws, array_agg(at - events_from order by nth, event_id) as event_at
    from (
      select *, min(event_id) over w as first_event, min(at) over w as events_from from events window w as (partition by business_date, pack)
    ) x group by business_date, pack, first_event, events_from
  ) e on e.business_date = o.business_date and e.pack = o.pack
  left join (
    select business_date, pack, first_posting, postings_from, array_agg(nth order by nth, posting_id) as posting_of,
      array_agg(posting_id - first_posting order by nth, posting_id) as posting_ids, array_agg(account order by nth, posting_id) as accounts,
      array_agg(role order by nth, posting_id) as roles, array_agg(amount_fen order by nth, posting_id) as amounts_fen,
      array_agg(posted_at - postings_from order by nth, posting_id) as posted_at
    from (
      select *, min(posting_id) over w as first_posting, min(posted_at) over w as postings_from
      from posted window w as (partition by business_date, pack)
    ) x group by business_date, pack, first_posting, postings_from
  ) p on p.business_date = o.business_date and p.pack = o.pack`

/** As in 0108. */
async function packLines(db: Kysely<unknown>, schema: RawBuilder<unknown>) {
  await sql`
    create or replace function pack_lines(after text, most integer, out last text, out looked integer, out packed integer)
    language plpgsql ${SETTINGS} as $$
    declare
      start text;
      number text;
      numbers text[] := '{}';
      day record;
      over text[] := '{}';
    begin
      lock table ${schema}.statement_packs in share row exclusive mode;
      looked := 0;
      packed := 0;
      if ${ARCHIVING} then return; end if;
      start := greatest(after, (select 'F' || to_char(max(a.business_date) + 1, 'YYYYMMDD') from ${schema}.archived_days a));
      ${stretchOf(sql`${schema}.statement_lines`)}
      if looked = 0 then return; end if;
      for day in
        with found as materialized (
          select l.channel, l.statement_date from ${schema}.statement_lines l
          where l.order_no = any(numbers) and l.order_no >= numbers[1] and l.order_no <= last
        )
        select distinct f.channel, f.statement_date from found f
      loop
        if 2 = (
          select count(*) from ${schema}.reconciliations r
          where r.channel = day.channel and r.statement_date >= day.statement_date and r.statement_date <= day.statement_date + 1
            and r.matched_at is not null
        ) then over := over || concat(day.statement_date - date '2000-01-01', ' ', day.channel); end if;
      end loop;
      with taken as (
        delete from ${schema}.statement_lines l
        where l.order_no = any(numbers) and l.order_no >= numbers[1] and l.order_no <= last
          and concat(l.statement_date - date '2000-01-01', ' ', l.channel) = any(over)
        returning l.*
      ), in_packs as materialized (
        select l.*, left(l.order_no, 9) as numbered, (row_number() over d - 1) / 128 as pack from taken l
        window d as (partition by left(l.order_no, 9), l.channel, l.statement_date order by l.order_no, l.line_no)
      ), made as (${madeLines(schema)})
      select count(*) from in_packs into packed;
    end $$
  `.execute(db)
}

const inOrder = (column: string) => sql`array_agg(${sql.ref(`t.${column}`)} order by t.order_no, t.line_no)`

const madeLines = (schema: RawBuilder<unknown>) => sql`
  insert into ${schema}.statement_packs (numbered, channel, statement_date, first_no, last_no, order_nos, line_nos, refund_nos, trade_nos,
    booked_from, booked_at, payer_fen, gl_fen, gl_accounts, merchant_accounts, payer_tails, currencies)
  select t.numbered, t.channel, t.statement_date, min(t.order_no), max(t.order_no), ${inOrder('order_no')}, ${inOrder('line_no')},
    ${inOrder('refund_no')}, ${inOrder('channel_trade_no')}, t.booked_from,
    array_agg(t.booked_at - t.booked_from order by t.order_no, t.line_no), ${inOrder('payer_fen')}, ${inOrder('gl_fen')},
    ${inOrder('gl_account')}, ${inOrder('merchant_account')}, ${inOrder('payer_tail')}, ${inOrder('currency')}
  from (
    select *, min(booked_at) over (partition by numbered, channel, statement_date, pack) as booked_from from in_packs
  ) t group by t.numbered, t.channel, t.statement_date, t.pack, t.booked_from`

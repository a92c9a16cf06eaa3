import { type Kysely, type Migration, type RawBuilder, sql } from 'kysely'
import { PACKED_EVENTS, PACKED_POSTINGS } from './0102-order-books'

/** What a later step has packed as well: a column of each order's, by the order, and what keeps an order out, `o`. */
export interface MorePacked {
  column: string
  value: RawBuilder<unknown>
  staysOut: RawBuilder<unknown>
}

/** What fills the packs of the step before, and what lays their rows out again. Nobody runs either by being on this version. */
export const packBooks: Migration = {
  async up(db: Kysely<unknown>) {
    const { rows } = await sql<{ name: string }>`select current_schema() as name`.execute(db)
    await createPacking(db, sql.id(rows[0]!.name))
    await createUnpacking(db)
  },
}

/**
 * pack_books(after, most): looks at so many orders after a number, and packs what `due` says of them. Its caller chooses where it looks and no
 * more: what goes into a pack is what is taken out, by one statement. It runs as the tables' owner; names of ours are said in full and
 * PostgreSQL's come first, so that no table of a session, and no function of anybody's, is taken for one of them. One packs at a time,
 * and nobody while days are archived, who would look for the rows.
 */
export async function createPacking(db: Kysely<unknown>, schema: RawBuilder<unknown>, more?: MorePacked) {
  await sql`
    create or replace function pack_books(after text, most integer, out last text, out looked integer, out packed integer)
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
    begin
      lock table ${schema}.order_books in share row exclusive mode;
      looked := 0;
      packed := 0;
      if exists (
        select from pg_locks l where l.locktype = 'advisory' and l.objsubid = 1
          and l.database = (select d.oid from pg_database d where d.datname = current_database())
          and (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('archive', 0)
      ) then return; end if;
      perform set_config('fapai.packing', 'on', true);
      with stretch as materialized (
        select distinct e.order_no from ${schema}.order_events e where e.order_no > after order by e.order_no limit least(most, 5120)
      ), ${due(schema, more)}, events as (
        delete from ${schema}.order_events e using due where e.order_no = due.order_no
        returning due.*, e.event_id, e.kind, e.verb, replace(e.outcome::text, e.order_no, chr(1)) as outcome,
          replace(e.raw::text, e.order_no, chr(1)) as raw, e.at
      ), posted as (
        delete from ${schema}.postings p using due
        where p.order_no = due.order_no and p.refund_no is null and p.correction_id is null
        returning due.*, p.posting_id, p.account, p.role, p.amount_fen, p.posted_at
      ), made as (${made(schema, more)})
      select (select max(s.order_no) from stretch s), (select count(*) from stretch), (select count(*) from due) into last, looked, packed;
      perform set_config('fapai.packing', '', true);
    end $$;
    revoke all on function pack_books(text, integer) from public;
  `.execute(db)
}

const NOTHING = sql``

/**
 * What has ended, is of a sealed day, has its papers packed and nothing that isn't chained, and isn't what stays of an archived day. And what
 * archiving asks of an order's events, and could ask of packs only by reading them, keeps an order out: news that contradicts its ending, a
 * line's end in a reply, news of the third day.
 */
const due = (schema: RawBuilder<unknown>, more?: MorePacked) => sql`
  due as materialized (
    select o.order_no, o.business_date${more ? sql`, ${more.value} as ${sql.id(more.column)}` : NOTHING},
      (row_number() over d - 1) / 128 as pack, ((row_number() over d - 1) % 128 + 1)::smallint as nth
    from stretch s join ${schema}.orders o on o.order_no = s.order_no
    cross join (
      select max(l.last_event) as last_event, max(l.last_posting) as last_posting, max(l.business_date) as sealed from ${schema}.ledger_links l
    ) c
    left join ${schema}.ledger_links late on late.business_date = o.business_date + 2
    where o.state <> 'paying' and o.business_date <= c.sealed
      and o.business_date > coalesce((select max(a.business_date) from ${schema}.archived_days a), date '-infinity')
      and not exists (select from ${schema}.channel_requests q where q.order_no = o.order_no)
      and exists (select from ${schema}.order_events e where e.order_no = o.order_no and e.kind = 'opened')
      and not exists (
        select from ${schema}.order_events e where e.order_no = o.order_no
          and (e.event_id > least(c.last_event, late.last_event) or e.conflict is not null or strpos(e.raw::text, chr(10)) > 0))
      and not exists (select from ${schema}.postings p where p.order_no = o.order_no and p.posting_id > c.last_posting)
      ${more ? sql`and not ${more.staysOut}` : NOTHING}
    window d as (partition by o.business_date order by o.order_no)
  )`

/** Numbers and times are kept less the first of their pack, which is what they have in common. */
function made(schema: RawBuilder<unknown>, more?: MorePacked) {
  const column = more ? sql`, ${sql.id(more.column)}` : NOTHING
  const each = more ? sql`, array_agg(${sql.id(more.column)} order by nth) as ${sql.id(more.column)}` : NOTHING
  return sql`
  insert into ${schema}.order_books (business_date, first_no, last_no, order_nos${column},
    first_event, last_event, events_from, event_of, event_ids, kinds, verbs, outcomes, raws, event_at,
    first_posting, postings_from, posting_of, posting_ids, accounts, roles, amounts_fen, posted_at)
  select o.business_date, o.first_no, o.last_no, o.order_nos${column},
    e.first_event, e.last_event, e.events_from, e.event_of, e.event_ids, e.kinds, e.verbs, e.outcomes, e.raws, e.event_at,
    coalesce(p.first_posting, 0), coalesce(p.postings_from, 0), coalesce(p.posting_of, '{}'), coalesce(p.posting_ids, '{}'),
    coalesce(p.accounts, '{}'), coalesce(p.roles, '{}'), coalesce(p.amounts_fen, '{}'), coalesce(p.posted_at, '{}')
  from (
    select business_date, pack, min(order_no) as first_no, max(order_no) as last_no, array_agg(order_no order by nth) as order_nos${each}
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
}

/**
 * unpack_books(day, most): so many packs of a day are rows again, under their own numbers, as archiving wants them; whoever owns the tables
 * may. What can't be read as it was stays packed, and is an error.
 */
async function createUnpacking(db: Kysely<unknown>) {
  await sql`
    create function unpack_books(day date, most integer) returns integer language plpgsql as $$
    declare
      unpacked integer;
      before text := coalesce(current_setting('fapai.archiving', true), '');
    begin
      lock table order_books in share row exclusive mode;
      perform set_config('fapai.archiving', 'on', true);
      with packs as materialized (
        select * from order_books where business_date = day order by first_no, last_no limit most
      ), events as (
        insert into order_events (event_id, order_no, kind, verb, outcome, raw, at) overriding system value
        select b.first_event + x.event_id, n.order_no, x.kind, x.verb, replace(x.outcome, chr(1), n.order_no)::jsonb,
          replace(x.raw, chr(1), n.order_no)::json, b.events_from + x.at
        from packs b ${PACKED_EVENTS}
        order by 1
      ), posted as (
        insert into postings (posting_id, order_no, account, role, amount_fen, posted_at) overriding system value
        select b.first_posting + x.posting_id, n.order_no, x.account, x.role, x.amount_fen, b.postings_from + x.posted_at
        from packs b ${PACKED_POSTINGS}
        order by 1
      ), gone as (
        delete from order_books b using packs
        where b.business_date = packs.business_date and b.first_no = packs.first_no and b.last_no = packs.last_no returning true
      )
      select count(*) from gone into unpacked;
      perform set_config('fapai.archiving', before, true);
      return unpacked;
    end $$;
    revoke all on function unpack_books(date, integer) from public;
  `.execute(db)
}

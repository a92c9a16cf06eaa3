import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Step } from '../step'

/** What fills the packs of the step before. A version before finds nothing of what is packed. */
export const packLines: Step = {
  breaks: true,
  contracts: true,
  async up(db: Kysely<unknown>) {
    const { rows } = await sql<{ name: string }>`select current_schema() as name`.execute(db)
    await createPacking(db, sql.id(rows[0]!.name))
  },
}

/**
 * pack_lines(after, most): looks at the lines of so many orders after a number, and packs what is `due` of them. Its caller chooses where it looks
 * and no more: what goes into a pack is what is taken out, by one statement. It runs as the tables' owner; names of ours are said in full
 * and PostgreSQL's come first. One packs at a time, and nobody while days are archived, who would look for the rows; nor what is left of
 * archived days, whose taking out may have been cut off.
 */
async function createPacking(db: Kysely<unknown>, schema: RawBuilder<unknown>) {
  await sql`
    create function pack_lines(after text, most integer, out last text, out looked integer, out packed integer)
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
    begin
      lock table ${schema}.statement_packs in share row exclusive mode;
      looked := 0;
      packed := 0;
      if exists (
        select from pg_locks l where l.locktype = 'advisory' and l.objsubid = 1
          and l.database = (select d.oid from pg_database d where d.datname = current_database())
          and (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('archive', 0)
      ) then return; end if;
      with stretch as materialized (
        select distinct l.order_no from ${schema}.statement_lines l
        where l.order_no > greatest(after, (select 'F' || to_char(max(a.business_date) + 1, 'YYYYMMDD') from ${schema}.archived_days a))
        order by l.order_no limit least(most, 5120)
      ), ${due(schema)}, taken as (
        delete from ${schema}.statement_lines l using due
        where l.channel = due.channel and l.statement_date = due.statement_date and l.line_no = due.line_no
        returning l.*, due.numbered, due.pack
      ), made as (${made(schema)})
      select (select max(s.order_no) from stretch s), (select count(*) from stretch), (select count(*) from taken) into last, looked, packed;
    end $$;
    revoke all on function pack_lines(text, integer) from public;
  `.execute(db)
}

/**
 * Lines of a statement that is reconciled, and so is the next of its channel, in which what was around the cut is looked for. So no line comes
 * to it any more, and none of it goes.
 */
const due = (schema: RawBuilder<unknown>) => sql`
  due as materialized (
    select l.channel, l.statement_date, l.line_no, left(l.order_no, 9) as numbered, (row_number() over d - 1) / 128 as pack
    from stretch s join ${schema}.statement_lines l on l.order_no = s.order_no
    join ${schema}.reconciliations r on r.channel = l.channel and r.statement_date = l.statement_date and r.matched_at is not null
    join ${schema}.reconciliations n on n.channel = l.channel and n.statement_date = l.statement_date + 1 and n.matched_at is not null
    window d as (partition by left(l.order_no, 9), l.channel, l.statement_date order by l.order_no, l.line_no)
  )`

const inOrder = (column: string) => sql`array_agg(${sql.ref(`t.${column}`)} order by t.order_no, t.line_no)`

const made = (schema: RawBuilder<unknown>) => sql`
  insert into ${schema}.statement_packs (numbered, channel, statement_date, first_no, last_no, order_nos, line_nos, refund_nos, trade_nos,
    booked_from, booked_at, payer_fen, gl_fen, gl_accounts, merchant_accounts, payer_tails, currencies)
  select t.numbered, t.channel, t.statement_date, min(t.order_no), max(t.order_no), ${inOrder('order_no')}, ${inOrder('line_no')},
    ${inOrder('refund_no')}, ${inOrder('channel_trade_no')}, t.booked_from,
    array_agg(t.booked_at - t.booked_from order by t.order_no, t.line_no), ${inOrder('payer_fen')}, ${inOrder('gl_fen')},
    ${inOrder('gl_account')}, ${inOrder('merchant_account')}, ${inOrder('payer_tail')}, ${inOrder('currency')}
  from (
    select *, min(booked_at) over (partition by numbered, channel, statement_date, pack) as booked_from from taken
  ) t group by t.numbered, t.channel, t.statement_date, t.pack, t.booked_from`

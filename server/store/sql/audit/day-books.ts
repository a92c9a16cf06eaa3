import { addDays } from '../../../domain/business-date'
import { type ArchivedBooks, type ArchivedDay, ArchiveNeeded, type AuditDays } from '../../../flow/ports'
import type { Scope } from './scope'

/**
 * The books of some days, and of nothing else, as tables of the session under the ledger's own names, which stand before those of the
 * ledger: every statement of the audit then reads them. So a day costs a day, however much there is beside it, and what was archived
 * is read from its files. They are gone with the transaction.
 *
 * Taken is each order that has to do with these days: opened on one, with a card of one, refunded on one, in a statement or a difference
 * of one, or in the books' chain between the last link before them and their seal. And of each all there is, whenever it was written:
 * an order by itself is always whole.
 */

export type Run = <Row>(text: string, values?: readonly unknown[]) => Promise<Row[]>

interface Link {
  link_no: number
  last_event: number
  last_refund_event: number
  last_posting: number
}

/** A card of the evening is used until so many days later, and that is much. */
const CARD_DAYS = 2

/** Makes the tables. @throws ArchiveNeeded where something of those days is in files and there are no `archives` */
export async function takeDays(run: Run, { from, to }: AuditDays, archives?: ArchivedBooks): Promise<Scope> {
  const [{ schema, totals } = { schema: '', totals: '' }] = await run<{ schema: string; totals: string }>(
    `select quote_ident(current_schema()) as schema, pg_get_viewdef('counted_day_totals'::regclass) as totals`,
  )
  const after = await linkBefore(run, from)
  const upTo = await linkUpTo(run, to)
  await run(audited(from, to, after, upTo))
  await run('create unique index on audited (order_no); analyze audited')
  await run(auditedDifferences(from, to, after, upTo))
  for (const [table, rows] of Object.entries(taken(schema, from, to, after, upTo)))
    await run(`create temp table ${table} on commit drop as ${rows}`)
  await run(UNIQUE)
  const filed = await archivedDays(run, schema, from, to)
  if (filed.length > 0 && !archives) throw new ArchiveNeeded(filed)
  for (const day of filed) await readDay(run, schema, day, { from, to }, archives!)
  for (const [view, table] of Object.entries(PACKS))
    await run(`create temp table ${view} on commit drop as ${packs(schema, view, table, from, to)}`)
  await run(INDEXES)
  await run(`create temp view counted_day_totals as ${totals}`)
  return {
    from,
    to,
    links: { after: after.link_no, upTo: upTo?.link_no ?? null },
    archivedBefore: null,
    taken: true,
  }
}

const NO_LINK: Link = { link_no: 0, last_event: 0, last_refund_event: 0, last_posting: 0 }

const linkBefore = async (run: Run, date: string) =>
  (
    await run<Link>('select * from ledger_links where business_date < $1::date order by link_no desc limit 1', [date])
  )[0] ?? NO_LINK

/** The last of the day's; none where that isn't over, or wasn't sealed yet: all that was written since may be of it. */
async function linkUpTo(run: Run, date: string): Promise<Link | undefined> {
  const [any] = await run('select from ledger_links limit 1')
  if (!any) return NO_LINK
  const [later] = await run('select from ledger_links where business_date >= $1::date limit 1', [date])
  return later ? linkBefore(run, addDays(date, 1)) : undefined
}

/** SQL: a number was given out between the two links. */
const between = (
  number: string,
  column: 'last_event' | 'last_refund_event' | 'last_posting',
  after: Link,
  upTo?: Link,
) => `${number} > ${after[column]}${upTo ? ` and ${number} <= ${upTo[column]}` : ''}`

function audited(from: string, to: string, after: Link, upTo?: Link): string {
  const days = (column: string) => `${column} between date '${from}' and date '${to}'`
  return `
    create temp table audited on commit drop as
    select order_no from orders where ${days('business_date')}
    union
    select order_no from orders
    where business_date > date '${to}' and business_date <= date '${to}' + ${CARD_DAYS} and ${days('deck_date')}
    union
    select order_no from refunds where ${days('business_date')}
    union
    select l.order_no from reconciliations r join statement_lines l using (channel, statement_date) where ${days('statement_date')}
    union
    select l.order_no from reconciliations r join packed_lines l using (channel, statement_date) where ${days('statement_date')}
    union
    select order_no from differences where ${days('statement_date')}
    union
    select order_no from order_events where ${between('event_id', 'last_event', after, upTo)}
    union
    select order_no from packed_events
    where last_event > ${after.last_event}${upTo ? ` and first_event <= ${upTo.last_event}` : ''} and ${between('event_id', 'last_event', after, upTo)}
    union
    select r.order_no from refund_events e join refunds r using (refund_no)
    where ${between('e.event_id', 'last_refund_event', after, upTo)}
    union
    select order_no from postings where order_no is not null and ${between('posting_id', 'last_posting', after, upTo)}
    union
    select split_part(name, ' ', 1) from ledger_link_parts p cross join lateral unnest(p.names) name
    where p.kind = 'order-event' and p.link_no > ${after.link_no}${upTo ? ` and p.link_no <= ${upTo.link_no}` : ''}`
}

/** Found on those days, about those orders, or corrected between the two links. */
const auditedDifferences = (from: string, to: string, after: Link, upTo?: Link) => `
  create temp table audited_differences on commit drop as
  select difference_id from differences
  where statement_date between date '${from}' and date '${to}' or order_no in (select order_no from audited)
  union
  select split_part(correction_id, '/', 1) from postings
  where correction_id is not null and ${between('posting_id', 'last_posting', after, upTo)}`

/** Of each table what belongs to those orders, and to the days themselves. */
function taken(s: string, from: string, to: string, after: Link, upTo?: Link): Record<string, string> {
  const days = (column: string) => `${column} between date '${from}' and date '${to}'`
  const ofOrders = (table: string) => `select t.* from ${s}.${table} t join audited using (order_no)`
  return {
    orders: ofOrders('orders'),
    order_events: ofOrders('order_events'),
    channel_requests: ofOrders('channel_requests'),
    refunds: ofOrders('refunds'),
    refund_events: `select t.* from ${s}.refund_events t join pg_temp.refunds using (refund_no)
      union all
      select t.* from ${s}.refund_events t
      where ${between('t.event_id', 'last_refund_event', after, upTo)} and not exists (select from ${s}.refunds r where r.refund_no = t.refund_no)`,
    outbox: ofOrders('outbox'),
    // corrections of what only the bank booked name no order
    postings: `${ofOrders('postings')} union all
      select p.* from ${s}.postings p where p.correction_id is not null
        and split_part(p.correction_id, '/', 1) in (select difference_id from audited_differences)
        and (p.order_no is null or p.order_no not in (select order_no from audited))`,
    idempotency_keys: `select t.* from pg_temp.orders o join ${s}.idempotency_keys t on t.payer_id = o.payer_id and t.order_no = o.order_no`,
    payer_days: `select t.* from ${s}.payer_days t where ${days('t.business_date')}
      and t.payer_id in (select payer_id from pg_temp.orders)`,
    statement_lines: `
      select t.* from ${s}.reconciliations r join ${s}.statement_lines t using (channel, statement_date) where ${days('t.statement_date')}
      union
      ${ofOrders('statement_lines')}`,
    packed_lines: `
      select t.* from ${s}.reconciliations r join ${s}.packed_lines t using (channel, statement_date) where ${days('t.statement_date')}
      union all
      select t.* from (
        select distinct p.numbered, p.channel, p.first_no, p.last_no, p.pack_no from audited a join ${s}.statement_packs p
          on p.numbered = left(a.order_no, 9) and a.order_no between p.first_no and p.last_no
        where p.statement_date not between date '${from}' and date '${to}'
      ) k join ${s}.packed_lines t using (numbered, channel, first_no, last_no, pack_no) join audited using (order_no)`,
  }
}

/** Rows of packs, and where the packs are. */
const PACKS = { packed_papers: 'order_papers', packed_events: 'order_books', packed_postings: 'order_books' }

/** By the packs of these days, and of others those that have one of the orders in them: each found by its key. */
const packs = (s: string, view: string, table: string, from: string, to: string) => `
  select t.* from ${s}.${view} t join audited using (order_no) where t.business_date between date '${from}' and date '${to}'
  union all
  select t.* from (
    select distinct p.business_date, p.first_no, p.last_no from pg_temp.orders o join ${s}.${table} p
      on p.business_date = o.business_date and o.order_no between p.first_no and p.last_no
    where o.business_date not between date '${from}' and date '${to}'
  ) k join ${s}.${view} t using (business_date, first_no, last_no) join audited using (order_no)`

/** By which a row of a file is left out where the ledger has it still: a live order is the truer one. */
const UNIQUE = `
  create unique index on pg_temp.orders (order_no);
  create unique index on pg_temp.statement_lines (channel, statement_date, line_no);
  create unique index on pg_temp.payer_days (payer_id, channel, business_date)`

const INDEXES = `
  create index on pg_temp.orders (merchant_code, business_date);
  create index on pg_temp.orders (campaign_id, merchant_code, deck_date);
  create index on pg_temp.order_events (order_no);
  create index on pg_temp.postings (order_no);
  create index on pg_temp.channel_requests (order_no);
  create index on pg_temp.idempotency_keys (order_no);
  create index on pg_temp.refunds (order_no);
  create index on pg_temp.refunds (merchant_code, business_date);
  create index on pg_temp.refund_events (refund_no);
  create index on pg_temp.packed_papers (order_no);
  create index on pg_temp.packed_events (order_no);
  create index on pg_temp.packed_postings (order_no);
  create index on pg_temp.statement_lines (order_no);
  create index on pg_temp.packed_lines (order_no);
  analyze pg_temp.orders, pg_temp.order_events, pg_temp.postings, pg_temp.channel_requests, pg_temp.idempotency_keys, pg_temp.refunds,
    pg_temp.refund_events, pg_temp.packed_papers, pg_temp.packed_events, pg_temp.packed_postings, pg_temp.statement_lines, pg_temp.packed_lines, pg_temp.outbox, pg_temp.payer_days`

/** Days in files which have, or may have, an order that is looked for: these, those in which their cards may have been used, and those by its number. */
async function archivedDays(run: Run, s: string, from: string, to: string): Promise<ArchivedDay[]> {
  return run<ArchivedDay>(`
    select d.business_date::text as date, d.file, d.sha256, d.bytes, d.orders from ${s}.archived_days d
    where d.business_date between date '${from}' and date '${to}' + ${CARD_DAYS} or to_char(d.business_date, 'YYYYMMDD') in (
      select substr(a.order_no, 2, 8) from audited a
      where a.order_no ~ '^F[0-9]{8}-' and not exists (select from pg_temp.orders o where o.order_no = a.order_no))
    order by 1`)
}

async function readDay(run: Run, schema: string, day: ArchivedDay, days: AuditDays, archives: ArchivedBooks) {
  for await (const raw of archives.lines(day)) {
    const lines = raw.map(readable)
    await run(takeOrders(schema, days), [lines])
    if (day.date >= days.from && day.date <= days.to) await run(takePayerDays(schema), [lines])
  }
}

/**
 * PostgreSQL keeps JSON as a channel sent it and can't take apart what has a NUL or half a surrogate pair in it. Such a character stands on the way
 * as one of the private use area with its number after it, and so does that one itself, so that all of them are told apart again.
 */
const readable = (line: string) =>
  line.replace(/(?<!\\)((?:\\\\)*)\\u(0000|[dD][89a-fA-F][0-9a-fA-F]{2}|e000)/g, '$1\\ue000$2')

/** SQL for what was sent. Of what was noted there always is some, if only a null, which in a file looks as nothing does. */
const AS_SENT = `
  case when r.raw is null then case when r.kind = 'noted' then 'null'::json end
    when strpos(r.raw::text, '\\ue000') = 0 then r.raw
    else regexp_replace(r.raw::text, '(?<!\\\\)((?:\\\\\\\\)*)\\\\ue000([0-9a-fA-F]{4})', '\\1\\\\u\\2', 'g')::json end`

/** $1 lines of a file. What is JSON in the ledger comes from them as it was written, letter by letter. */
const takeOrders = (s: string, { from, to }: AuditDays) => {
  const days = (column: string) => `(j #>> '{order,${column}}')::date between date '${from}' and date '${to}'`
  const rows = (table: string, field: string) => `
      insert into pg_temp.${table} select r.* from line cross join lateral json_populate_recordset(null::${s}.${table}, j -> '${field}') r`
  return `
    with line as materialized (
      select j from (select l::json as j from unnest($1::text[]) l) l
      where j ->> 'kind' = 'order' and (${days('business_date')} or ${days('deck_date')}
          or exists (select from audited a where a.order_no = j #>> '{order,order_no}'))
        and not exists (select from ${s}.orders o where o.order_no = j #>> '{order,order_no}')
    ), named as (
      insert into audited select j #>> '{order,order_no}' from line on conflict do nothing
    ), opened as (
      insert into pg_temp.orders select r.* from line cross join lateral json_populate_record(null::${s}.orders, j -> 'order') r
      on conflict do nothing
    ), noted as (
      insert into pg_temp.order_events (event_id, order_no, kind, verb, outcome, raw, conflict, at)
      select r.event_id, r.order_no, r.kind, r.verb, r.outcome, ${AS_SENT}, r.conflict, r.at
      from line cross join lateral json_populate_recordset(null::${s}.order_events, j -> 'events') r
    ), posted as (${rows('postings', 'postings')}
    ), keyed as (${rows('idempotency_keys', 'keys')}
    )
    ${rows('statement_lines', 'lines')}
    where not exists (
      select from pg_temp.packed_lines p where p.channel = r.channel and p.statement_date = r.statement_date and p.line_no = r.line_no)
    on conflict do nothing`
}

const takePayerDays = (s: string) => `
  insert into pg_temp.payer_days
  select r.* from (select l::json as j from unnest($1::text[]) l) l cross join lateral json_populate_record(null::${s}.payer_days, j -> 'row') r
  where j ->> 'kind' = 'payer-day'
  on conflict do nothing`

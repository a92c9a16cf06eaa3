import { CompiledQuery } from 'kysely'
import { endOfBusinessDate } from '../server/domain/business-date'
import type { Sql } from '../server/store/sql/open-sql'

/** Orders like those that were paid in earnest, written and ended as the ledger does it, many at a time (bench/growth.ts). */

/** Open at a time, as at a few hundred a second. More would find no room on the pages of those before. */
const TURN = 40
const DAY_MS = 86_400_000
const SYMBOL = `substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 1 + (random() * 31.999)::integer, 1)`
const GROUP = [SYMBOL, SYMBOL, SYMBOL, SYMBOL].join(' || ')

const run = async <Row>({ db }: Sql, text: string, values: unknown[] = []) =>
  (await db.executeQuery<Row>(CompiledQuery.raw(text, values))).rows

const PATTERN = ['orders', 'idempotency_keys', 'channel_requests', 'order_events', 'postings', 'campaigns']

/** What was paid, of each table, as JSON. */
export async function patternOf(sql: Sql): Promise<Map<string, string>> {
  const pattern = new Map<string, string>()
  for (const table of PATTERN) {
    const paid = table === 'campaigns' ? '' : `where order_no in (select order_no from orders where state = 'paid')`
    const [row] = await run<{ rows: string }>(
      sql,
      `select json_agg(t)::text as rows from (select * from ${table} ${paid}) t`,
    )
    pattern.set(table, row!.rows)
  }
  return pattern
}

/** Puts it into a ledger where nobody is at work: how many there are. */
export async function layPattern(sql: Sql, pattern: ReadonlyMap<string, string>): Promise<number> {
  await run(sql, 'create schema bench')
  for (const table of PATTERN) {
    const rows = `select * from json_populate_recordset(null::${table}, $1::json)`
    if (table === 'campaigns') await run(sql, `insert into ${table} ${rows}`, [pattern.get(table)])
    else {
      await run(sql, `create table bench.${table} as select * from ${table} limit 0`)
      await run(sql, `insert into bench.${table} ${rows}`, [pattern.get(table)])
      await run(sql, `create index on bench.${table} (order_no)`)
    }
  }
  await run(sql, 'analyze')
  const [row] = await run<{ n: number }>(sql, 'select count(*)::integer as n from bench.orders')
  return row!.n
}

/** So many of each, through the day; its end, ms. */
export async function copyDay(sql: Sql, date: string, copies: number): Promise<number> {
  const end = endOfBusinessDate(date)
  await run(sql, 'drop table if exists bench.made')
  await run(
    sql,
    `create table bench.made as
     select x.*, row_number() over (order by at) as turn from (
       select t.order_no as of_no, k, 'F' || to_char($1::date, 'YYYYMMDD') || '-' || ${GROUP} || '-' || ${GROUP} || '-' || ${GROUP} as order_no,
         'K' || lpad((k * 400 + substr(t.merchant_code, 2)::integer)::text, 6, '0') as merchant_code,
         'p_' || substr(translate(encode(sha256(convert_to(t.payer_id || k || $1::text, 'UTF8')), 'base64'), '/+', '_-'), 1, 22) as payer_id,
         translate(encode(substr(sha256(convert_to(t.quote_nonce || k || $1::text, 'UTF8')), 1, 12), 'base64'), '/+', '_-') as nonce,
         ($2::bigint - ${DAY_MS} + 32400000 + random() * 43200000)::bigint as at, t.ended_at - t.created_at as took
       from bench.orders t cross join generate_series(1, $3::integer) k) x`,
    [date, end, copies],
  )
  await run(sql, 'create index on bench.made (turn)')
  await run(sql, 'analyze bench.made')
  const [{ n } = { n: 0 }] = await run<{ n: number }>(sql, 'select count(*)::integer as n from bench.made')
  await run(sql, 'set session_replication_role = replica')
  for (let from = 0; from < n; from += TURN)
    for (const text of [OPEN, END]) await run(sql, text, [from, from + TURN, date])
  await run(sql, 'set session_replication_role = origin')
  return end
}

const OPEN = `
  with m as materialized (select * from bench.made where turn > $1::bigint and turn <= $2::bigint),
  opened as (
    insert into orders
    select n.* from m join bench.orders t on t.order_no = m.of_no
    cross join lateral jsonb_populate_record(null::orders, to_jsonb(t) || jsonb_build_object('order_no', m.order_no, 'quote_nonce', m.nonce,
      'payer_id', m.payer_id, 'merchant_code', m.merchant_code, 'business_date', $3::date, 'deck_date', case when t.slot is not null then $3::date end,
      'state', 'paying', 'created_at', m.at, 'ended_at', null, 'channel_trade_no', null, 'verification', null, 'next_query_at', m.at + 2000)) n
    returning order_no
  ), spent as (
    insert into payer_days as d (payer_id, channel, business_date, spent_fen)
    select payer_id, 'bank', $3::date, count(*) * 10000 from m group by payer_id
    on conflict (payer_id, channel, business_date) do update set spent_fen = d.spent_fen + excluded.spent_fen
  ), carded as (
    insert into payer_cards as had (campaign_id, deck_date, holder, cards)
    select t.campaign_id, $3::date, h.holder, array_agg(m.merchant_code || ' ' || m.order_no)
    from m join bench.orders t on t.order_no = m.of_no cross join lateral (values ('payer ' || m.payer_id), ('account ' || t.payer_account || m.k)) h(holder)
    where t.slot is not null group by 1, 3
    on conflict (campaign_id, deck_date, holder) do update set cards = had.cards || excluded.cards
  ), keyed as (
    insert into idempotency_keys (payer_id, key, input_hash, order_no)
    select m.payer_id, gen_random_uuid()::text, encode(sha256(convert_to(m.order_no, 'UTF8')), 'hex'), m.order_no from m
  ), asked as (
    insert into channel_requests (order_no, request, sent_at)
    select m.order_no, replace(replace(q.request::text, m.of_no, m.order_no), t.business_date::text, $3::date::text)::jsonb, m.at
    from m join bench.orders t on t.order_no = m.of_no join bench.channel_requests q on q.order_no = m.of_no
  )
  insert into order_events (order_no, kind, at) select order_no, 'opened', at from m`

const END = `
  with m as materialized (
    select m.*, m.at + m.took as done, 'B' || to_char($3::date, 'YYYYMMDD') || lpad(turn::text, 10, '0') as trade_no from bench.made m
    where turn > $1::bigint and turn <= $2::bigint
  ), ended as (
    update orders o set state = 'paid', ended_at = m.done, channel_trade_no = m.trade_no, verification = 'none', next_query_at = null
    from m where o.order_no = m.order_no
  ), posted as (
    insert into postings (order_no, account, role, amount_fen, posted_at)
    select m.order_no, p.account, p.role, p.amount_fen, m.done from m join bench.postings p on p.order_no = m.of_no order by m.turn, p.posting_id
  ), noted as (
    insert into order_events (order_no, kind, verb, outcome, at)
    select m.order_no, 'paid', 'pay', jsonb_build_object('kind', 'succeeded', 'channelTradeNo', m.trade_no), m.done from m order by turn
  ), replied as (
    update channel_requests r set replied_at = m.done,
      reply = replace(replace(q.reply::text, m.of_no, m.order_no), t.channel_trade_no, m.trade_no)::json
    from m join bench.orders t on t.order_no = m.of_no join bench.channel_requests q on q.order_no = m.of_no where r.order_no = m.order_no
  )
  insert into outbox (merchant_code, order_no) select merchant_code, order_no from m order by turn`

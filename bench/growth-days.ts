import { CompiledQuery } from 'kysely'
import { CARDS_A_DECK, dealStreet, layStreet, type Street } from '../harness/filled-street'
import { endOfBusinessDate } from '../server/domain/business-date'
import type { MasterKeys } from '../server/domain/key-ring'
import type { Sql } from '../server/store/sql/open-sql'

/**
 * Orders like those that were paid in earnest, at merchants whose decks are dealt in earnest, written and ended as the ledger does it, many
 * at a time. The audit finds nothing wrong in them.
 */

/** Open at a time, as at a few hundred a second. More would find no room on the pages of those before. */
const TURN = 40
/** Turns after which there is enough to plan for. */
const KNOWN_AFTER = 10
const DAY_MS = 86_400_000
/** One order in so many is refunded in full. */
const REFUNDED = 100
const SYMBOL = `substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 1 + (random() * 31.999)::integer, 1)`
const GROUP = [SYMBOL, SYMBOL, SYMBOL, SYMBOL].join(' || ')

export const run = async <Row>({ db }: Sql, text: string, values: readonly unknown[] = []) =>
  (await db.executeQuery<Row>(CompiledQuery.raw(text, [...values]))).rows

const PATTERN = ['orders', 'channel_requests']

/** What was paid, of each table, as JSON. */
export async function patternOf(sql: Sql): Promise<Map<string, string>> {
  const pattern = new Map<string, string>()
  for (const table of PATTERN) {
    const paid = `where order_no in (select order_no from orders where state = 'paid')`
    const [row] = await run<{ rows: string }>(
      sql,
      `select json_agg(t)::text as rows from (select * from ${table} ${paid}) t`,
    )
    pattern.set(table, row!.rows)
  }
  return pattern
}

/** A ledger that is filled day by day. */
export interface Filled {
  street: Street
  masters: MasterKeys
  ordersADay: number
}

/** Whole decks. */
export const ordersADay = (orders: number, days: number) =>
  Math.max(1, Math.round(orders / days / CARDS_A_DECK)) * CARDS_A_DECK

/** Lays the pattern, merchants, and people who pay twice a day, into a ledger where nobody is at work. */
export async function layFilled(
  sql: Sql,
  pattern: ReadonlyMap<string, string>,
  { masters, first, last, ordersADay }: Pick<Filled, 'masters' | 'ordersADay'> & Pick<Street, 'first' | 'last'>,
): Promise<Filled> {
  const street: Street = {
    campaignId: 'food-street',
    merchants: ordersADay / CARDS_A_DECK,
    first,
    last,
    codeOf: (nth) => `K${String(nth).padStart(6, '0')}`,
    accountOf: (code) => `acct-${code}`,
    glAccountOf: (branch) => `6421-${String(branch).padStart(2, '0')}`,
  }
  await layStreet(sql, street)
  await run(sql, 'create schema bench')
  for (const table of PATTERN) {
    await run(sql, `create table bench.${table} as select * from ${table} limit 0`)
    const rows = `select * from json_populate_recordset(null::${table}, $1::json)`
    await run(sql, `insert into bench.${table} ${rows}`, [pattern.get(table)])
  }
  await run(sql, 'alter table bench.orders add nth integer generated always as identity (start 0 minvalue 0)')
  await run(
    sql,
    'create table bench.dealt (merchant_code text, business_date date, commitment text, amounts integer[])',
  )
  await run(sql, PAYERS, [ordersADay / 2])
  await run(
    sql,
    `insert into agreements (agreement_id, payer_id, account, account_tail, created_at, bank_name, small_max_fen, small_per_day)
     select agreement_id, payer_id, account, right(account, 4), 0, '发牌示范银行', 20000, 1000 from bench.payers`,
  )
  // As they count in life, though no other trigger and no foreign key is asked.
  for (const trigger of ['orders_counted', 'orders_shared', 'orders_open_when_new', 'orders_open'])
    await run(sql, `alter table orders enable always trigger ${trigger}`)
  await run(sql, 'analyze')
  return { street, masters, ordersADay }
}

const hashed = (what: string, of: string) => `sha256(convert_to('${what}' || ${of}, 'UTF8'))`
const inBase64 = (bytes: string) => `translate(encode(${bytes}, 'base64'), '/+', '_-')`

const PAYERS = `
  create table bench.payers as
  select n, 'p_' || substr(${inBase64(hashed('payer', 'n'))}, 1, 22) as payer_id,
    'AG' || upper(substr(encode(${hashed('agreement', 'n')}, 'hex'), 1, 16)) as agreement_id, '6217' || lpad((n * 7919 % 1000000007)::text, 15, '0') as account
  from generate_series(0, $1::bigint - 1) n`

/** A date's orders, from its decks to its refunds; how long it took, ms. */
export async function fillDay(sql: Sql, { street, masters, ordersADay }: Filled, date: string): Promise<number> {
  const began = performance.now()
  await run(sql, 'truncate bench.dealt')
  await dealStreet(sql, masters, street, date, 'bench.dealt')
  await run(sql, 'drop table if exists bench.made')
  await run(sql, MADE, [date, endOfBusinessDate(date)])
  await run(sql, 'create index on bench.made (turn)')
  await run(sql, 'analyze bench.made')
  await run(sql, 'set session_replication_role = replica')
  for (let from = 0; from < ordersADay; from += TURN) {
    for (const turn of [OPEN, END]) await run(sql, turn, [from, from + TURN, date])
    // What triggers have planned on a first day for tables that were empty reads all of them for each order.
    if (from === KNOWN_AFTER * TURN) await run(sql, 'analyze share_days, day_totals')
  }
  await run(sql, 'set session_replication_role = origin')
  for (const text of REFUND) await run(sql, text, [endOfBusinessDate(date)])
  return performance.now() - began
}

/** $1 the date, $2 its end, ms. Shares are of half each, an odd fen is the payer's. */
const MADE = `
  create table bench.made as
  select x.*, row_number() over (order by at) as turn, fen - (off + 1) / 2 as payable, fen + off / 2 as receives from (
    select t.order_no as of_no, t.merchant_account as of_account, t.payable_fen as of_payable, t.channel_trade_no as of_trade_no,
      'F' || to_char($1::date, 'YYYYMMDD') || '-' || ${GROUP} || '-' || ${GROUP} || '-' || ${GROUP} as order_no, t.amount_fen as fen,
      d.merchant_code, d.commitment, m.account as merchant_account, m.branch_code, b.gl_account, card as slot, d.amounts[card + 1] as off,
      p.payer_id, p.agreement_id, p.account as payer_account,
      ${inBase64(`substr(${hashed('nonce', 'i || $1::text')}, 1, 12)`)} as nonce,
      ($2::bigint - ${DAY_MS} + 32400000 + random() * 43200000)::bigint as at, t.ended_at - t.created_at as took
    from (select *, row_number() over (order by merchant_code) - 1 as nth from bench.dealt) d
    join merchants m using (merchant_code) join branches b using (branch_code)
    cross join generate_series(0, ${CARDS_A_DECK - 1}) card
    cross join lateral (select d.nth * ${CARDS_A_DECK} + card as i) numbered
    join bench.orders t on t.nth = i % (select count(*) from bench.orders)
    join bench.payers p on p.n = i % (select count(*) from bench.payers)
  ) x`

/** $1 and $2 from after which turn to which, $3 the date. Planned anew each time: a plan for tables that were empty reads all of them. */
const OPEN = `
  with m as materialized (select * from bench.made where turn > $1::bigint and turn <= $2::bigint),
  opened as (
    insert into orders
    select n.* from m join bench.orders t on t.order_no = m.of_no
    cross join lateral jsonb_populate_record(null::orders, to_jsonb(t) || jsonb_build_object('order_no', m.order_no, 'quote_nonce', m.nonce,
      'payer_id', m.payer_id, 'payer_ref', m.agreement_id, 'payer_account', m.payer_account, 'merchant_code', m.merchant_code,
      'merchant_account', m.merchant_account, 'gl_account', m.gl_account, 'branch_code', m.branch_code, 'business_date', $3::date,
      'deck_date', $3::date, 'slot', m.slot, 'deck_commitment', m.commitment, 'discount_fen', off, 'payer_discount_fen', (off + 1) / 2,
      'merchant_reward_fen', off / 2, 'payable_fen', payable, 'merchant_receives_fen', receives,
      'state', 'paying', 'created_at', m.at, 'ended_at', null, 'channel_trade_no', null, 'verification', null, 'next_query_at', m.at + 2000)) n
    returning order_no
  ), spent as (
    insert into payer_days as d (payer_id, channel, business_date, spent_fen)
    select payer_id, 'bank', $3::date, sum(fen) from m group by payer_id
    on conflict (payer_id, channel, business_date) do update set spent_fen = d.spent_fen + excluded.spent_fen
  ), carded as (
    insert into payer_cards as had (campaign_id, deck_date, holder, cards)
    select t.campaign_id, $3::date, h.holder, array_agg(m.merchant_code || ' ' || m.order_no)
    from m join bench.orders t on t.order_no = m.of_no
    cross join lateral (values ('payer ' || m.payer_id), ('account ' || m.payer_account)) h(holder) group by 1, 3
    on conflict (campaign_id, deck_date, holder) do update set cards = had.cards || excluded.cards
  ), keyed as (
    insert into idempotency_keys (payer_id, key, input_hash, order_no)
    select m.payer_id, gen_random_uuid()::text, encode(sha256(convert_to(m.order_no, 'UTF8')), 'hex'), m.order_no from m
  ), asked as (
    insert into channel_requests (order_no, request, sent_at)
    select m.order_no, q.request || jsonb_build_object('orderNo', m.order_no, 'agreementId', m.agreement_id, 'businessDate', $3::date, 'legs',
      jsonb_build_array(jsonb_build_object('account', m.payer_account, 'role', 'payer', 'amountFen', -payable),
        jsonb_build_object('account', m.gl_account, 'role', 'gl', 'amountFen', -off),
        jsonb_build_object('account', m.merchant_account, 'role', 'merchant', 'amountFen', receives))), m.at
    from m join bench.channel_requests q on q.order_no = m.of_no
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
    select m.order_no, p.account, p.role, p.fen, m.done from m cross join lateral (values (1, payer_account, 'payer', -payable),
      (2, gl_account, 'gl', -off), (3, merchant_account, 'merchant', receives)) p(nth, account, role, fen) order by m.turn, p.nth
  ), noted as (
    insert into order_events (order_no, kind, verb, outcome, at)
    select m.order_no, 'paid', 'pay', jsonb_build_object('kind', 'succeeded', 'channelTradeNo', m.trade_no), m.done from m order by turn
  ), replied as (
    update channel_requests r set replied_at = m.done, reply = replace(replace(replace(replace(q.reply::text, m.of_no, m.order_no),
      m.of_trade_no, m.trade_no), m.of_account, m.merchant_account), 'amountFen\\":' || m.of_payable, 'amountFen\\":' || m.payable)::json
    from m join bench.channel_requests q on q.order_no = m.of_no where r.order_no = m.order_no
  )
  insert into outbox (merchant_code, order_no) select merchant_code, order_no from m order by turn`

/** $1 the end of the day, ms. All triggers are asked: of so few it costs nothing. */
const REFUND = [
  `insert into refunds (refund_no, order_no, channel, merchant_code, branch_code, business_date, payer_fen, merchant_fen, gl_fen,
     idempotency_key, input_hash, state, created_at, ended_at, channel_refund_no)
   select 'R' || substr(m.order_no, 2), m.order_no, 'bank', m.merchant_code, m.branch_code, o.business_date, payable, receives, off,
     gen_random_uuid()::text, encode(sha256(convert_to('["' || m.order_no || '",' || payable || ',null]', 'UTF8')), 'hex'), 'refunded',
     least(m.at + 3600000, $1::bigint - 60000), least(m.at + 3600000, $1::bigint - 60000) + 900,
     'R' || substr(o.channel_trade_no, 2)
   from bench.made m join orders o using (order_no) where m.turn % ${REFUNDED} = 0`,
  `insert into refund_events (refund_no, kind, verb, outcome, raw, at)
   select r.refund_no, kind, verb, outcome, raw, e.at from bench.made m join refunds r using (order_no)
   cross join lateral (values ('opened', null, null::jsonb, null::json, created_at),
     ('refunded', 'refund', jsonb_build_object('kind', 'succeeded', 'channelTradeNo', channel_refund_no),
       json_build_object('status', 200, 'body', json_build_object('refundNo', refund_no, 'orderNo', order_no, 'state', 'succeeded', 'amountFen', payer_fen)::text),
       ended_at)) e(kind, verb, outcome, raw, at)
   where $1::bigint > 0 order by e.at`,
  `insert into postings (order_no, refund_no, account, role, amount_fen, posted_at)
   select m.order_no, refund_no, account, role, p.fen, ended_at from bench.made m join refunds r using (order_no)
   cross join lateral (values (payer_account, 'payer', payer_fen), (gl_account, 'gl', gl_fen), (merchant_account, 'merchant', -r.merchant_fen))
     p(account, role, fen) where p.fen <> 0 and $1::bigint > 0`,
  `insert into outbox (merchant_code, order_no) select m.merchant_code, m.order_no from bench.made m join refunds using (order_no) where $1::bigint > 0`,
]

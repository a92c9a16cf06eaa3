import { CompiledQuery } from 'kysely'
import { addDays } from '../server/domain/business-date'
import { NO_TOTALS, type OwnEntry } from '../server/domain/match'
import type { ReconciliationResult } from '../server/flow/ports'
import { openSql, type SqlOptions } from '../server/store/sql/open-sql'

/** A house with a past, made by SQL in a minute or two: what pages and reports are measured over. */

/** The campaign that all of it is about: nine of ten merchants are in it, the tenth is left out to compare with. */
export const HISTORY = 'history'
/** Ran for the first five days at one merchant in ten, and has few orders. */
export const SHORT = 'history-short'
const MERCHANTS = 400
export const BRANCHES = 20
/** Merchants of the book that sell nothing. */
const IDLE = 20_000
const CARDS = 20
/** One statement of orders; a few seconds. */
const STEP = 250_000
const LONG_MS = 1_800_000
/** What came of a day's reconciliation: nothing. */
const DONE = JSON.stringify({
  ...{ balanced: NO_TOTALS, own: NO_TOTALS, carried: NO_TOTALS, short: NO_TOTALS, ownOtherDays: NO_TOTALS },
  ...{ ended: 0, closed: 0, unanswered: 0, proven: true },
} satisfies ReconciliationResult)
/** What we booked and the bank has no line of. */
const OWN = JSON.stringify({
  ...{
    kind: 'clearing',
    orderNo: 'an order',
    refundNo: null,
    state: 'booked',
    channelTradeNo: 't',
    payerAccount: 'acct-payer',
  },
  ...{ glAccount: 'H6421-1', merchantAccount: 'acct-H1', payerFen: -1_000, glFen: 0, merchantFen: 1_000 },
} satisfies OwnEntry)

export const merchantCode = (n: number) => `H${String(n).padStart(5, '0')}`
/** Of the order `i` of a history with so many days, the last of which is `today`. */
export const orderNo = (today: string, days: number, i: number) =>
  `F${addDays(today, 1 - days + (i % days)).replaceAll('-', '')}-H${String(i).padStart(11, '0')}`
/** The same in SQL. */
const numberOf = (first: string, days: number, i: string) =>
  `'F' || to_char('${first}'::date + (${i} % ${days})::integer, 'YYYYMMDD') || '-H' || lpad((${i})::text, 11, '0')`
export const branchCode = (n: number) => `HB${String(n).padStart(2, '0')}`

export interface History {
  /** the last day, which is today */
  today: string
  days: number
  /** orders from this one on … */
  from: number
  /** … up to and without this one, spread evenly over the days */
  to: number
  /** that sell something; {@link MERCHANTS} unless told */
  merchants?: number
  /** the campaign's first day is so many days after the first; 0 unless told */
  before?: number
}

interface Street {
  /** the first day */
  first: string
  days: number
  merchants: number
}

const rule = { thresholdFen: 1_000, slots: CARDS, minFen: 100, maxFen: 1_000 }
const RULE = JSON.stringify({ ...rule, bandMinFen: 700, bandMaxFen: 900, bandPercent: 80, payerPercent: 50 })

/** Fills a migrated database; from 0 makes the house first. Constraints hold of every row; triggers are left out and made up for. */
export async function fillHistory(connection: SqlOptions, history: History): Promise<void> {
  const { today, days, from, to, merchants = MERCHANTS, before = 0 } = history
  const sql = openSql({ ...connection, max: 1, statementTimeoutMs: LONG_MS, query_timeout: LONG_MS })
  const run = (text: string) => sql.db.executeQuery(CompiledQuery.raw(text))
  const first = addDays(today, 1 - days)
  try {
    await run('set session_replication_role = replica')
    if (from === 0) for (const text of house(first, today, days, merchants, addDays(first, before))) await run(text)
    for (let at = from; at < to; at += STEP)
      await run(ordersOf({ first, days, merchants }, at, Math.min(at + STEP, to)))
    for (const text of around(from, to)) await run(text)
    await run(`select rebuild_day_totals('${first}', '${today}')`)
    await run('select rebuild_share_days()')
    await run(
      `select sum_campaign_day(c, d::date) from unnest(array['${HISTORY}', '${SHORT}']) c, generate_series('${first}'::date, '${addDays(today, -1)}', '1 day') d`,
    )
    await run('vacuum analyze')
  } finally {
    await sql.close()
  }
}

/** Of the merchant `n`, from 1 on. */
const BRANCH_OF = `'HB' || lpad((n % ${BRANCHES} + 1)::text, 2, '0')`

function house(first: string, today: string, days: number, merchants: number, begins: string): string[] {
  const campaign = (id: string, name: string, state: string, from: string, to: string) =>
    `insert into campaigns (campaign_id, version, name, organiser, state, start_date, end_date, rule, budget_fen, created_at, updated_at)
     select '${id}', 1, '${name}', '发牌示范银行', '${state}', '${from}'::date, '${to}'::date, '${RULE}', 900000000000, ${Date.parse(first)}, 0`
  return [
    `insert into branches (branch_code, name, gl_account)
     select ${BRANCH_OF}, '第 ' || n || ' 支行', 'H6421-' || n from generate_series(0, ${BRANCHES - 1}) n`,
    `insert into merchants (merchant_code, name, branch_code, account)
     select 'H' || lpad(n::text, 5, '0'), '老街 ' || n || ' 号', ${BRANCH_OF}, 'acct-H' || n
     from generate_series(1, ${merchants + IDLE}) n`,
    campaign(HISTORY, '半年立减', 'running', begins, addDays(today, 30)),
    campaign(SHORT, '五天试点', 'ended', first, addDays(first, 4)),
    `${campaign('history-', '草稿', 'draft', today, today).replace(`'history-'`, `'history-' || n`)} from generate_series(1, 200) n`,
    `insert into campaign_merchants (campaign_id, merchant_code)
     select case when n % 10 = 2 then '${SHORT}' else '${HISTORY}' end, 'H' || lpad(n::text, 5, '0')
     from generate_series(1, ${merchants}) n where n % 10 > 0`,
    `insert into campaign_controls (campaign_id, merchant_code)
     select '${HISTORY}', 'H' || lpad(n::text, 5, '0') from generate_series(10, ${merchants}, 10) n`,
    `insert into decks (campaign_id, merchant_code, business_date, version, commitment, amounts_fen, exposure_fen, dealt_at,
       closed_at, branch_code, gl_account)
     select cm.campaign_id, cm.merchant_code, '${first}'::date + d, 1, 'none', array_fill(800, array[${CARDS}]), ${800 * CARDS}, 0,
       case when d < ${days - 1} then 0 end, m.branch_code, b.gl_account
     from campaign_merchants cm join merchants m using (merchant_code) join branches b using (branch_code), generate_series(0, ${days - 1}) d
     where cm.campaign_id = '${HISTORY}' or d < 5`,
    `insert into operator_actions (action_id, at, username, action, subject, key_id, mac, after)
     select n, ${Date.parse(first)} + n * 1000, 'maker-' || n % 50, 'campaign.edit', 'campaign/history-' || n % 200, 'k', 'm',
       '{"note": "改了一处"}' from generate_series(1, 50000) n`,
    'update operator_actions_head set last_id = 50000',
    `insert into reconciliations (channel, statement_date, sha256, bytes, lines, totals, started_at, held_until, matched_at, result)
     select 'bank', '${first}'::date + d, '', 0, 0, '${JSON.stringify(NO_TOTALS)}', 0, 0, 0, '${DONE}' from generate_series(0, ${days - 2}) d`,
    `insert into differences (difference_id, channel, statement_date, class, detail, kind, order_no, own, proposal, state,
       found_at, resolved_at, resolved_by)
     select 'diff-' || n, 'bank', '${first}'::date + n % ${Math.max(1, days - 1)}, 'short', '', 'clearing', ${numberOf(first, days, 'n')},
       '${OWN}', '{"entries": [], "refund": null}', s.state, 0, case when s.state <> 'open' then 0 end, case when s.state <> 'open' then 'checker' end
     from generate_series(1, 5000) n, lateral (select case when n % 50 = 0 then 'open' else 'accepted' end as state) s`,
  ]
}

/**
 * Order i is of day i mod days; of a day's orders each merchant has its turn, every second one is through the bank's own
 * channel with a card as long as the deck has one. One in fifty was closed, and a few of today are unknown yet.
 */
const ordersOf = ({ first, days, merchants }: Street, from: number, to: number) => `
  insert into orders (order_no, quote_nonce, payer_id, payer_ref, merchant_code, channel, business_date, amount_fen, discount_fen,
    payer_discount_fen, merchant_reward_fen, payable_fen, merchant_receives_fen, campaign_id, deck_date, slot, payer_account,
    merchant_account, gl_account, branch_code, state, created_at, ended_at, channel_trade_no, close_reason, attempts, next_query_at)
  select o.order_no, o.order_no, 'payer-' || i * 31 % 50000, 'ref', m.merchant_code, o.channel, o.day, o.amount,
    2 * share, share, share, o.amount - share, o.amount + share, case when share > 0 then o.campaign_id end,
    case when share > 0 then o.day end, case when share > 0 then nth end, 'acct-payer', m.account,
    case when o.channel = 'bank' then b.gl_account end, m.branch_code,
    o.state, o.at, case when o.state <> 'paying' then o.at + 800 end, case when o.state = 'paid' then 't' || i end,
    case when o.state = 'closed' then 'declined' end, 0, case when o.state = 'paying' then o.at end
  from (
    select i, i % ${days} as d, (i / ${days}) % ${merchants} + 1 as n, i / ${days} / ${merchants} as nth
    from generate_series(${from}::bigint, ${to - 1}) i
  ) x
  join merchants m on m.merchant_code = 'H' || lpad(n::text, 5, '0')
  join branches b using (branch_code)
  cross join lateral (
    select ${numberOf(first, days, 'i')} as order_no, '${first}'::date + d::integer as day, 1000 + i % 100 * 100 as amount,
      case when nth % 2 = 0 then 'bank' when nth % 4 = 1 then 'wechatpay' else 'alipay' end as channel,
      case when n % 10 = 2 then '${SHORT}' else '${HISTORY}' end as campaign_id,
      case when d = ${days - 1} and i % 997 = 5 and nth % 2 = 0 then 'paying' when i % 50 = 7 then 'closed' else 'paid' end as state,
      extract(epoch from '${first}'::date + d::integer)::bigint * 1000 + i * 7919 % 43200000 as at
  ) o
  cross join lateral (
    select case when nth % 2 = 0 and nth < ${CARDS} and n % 10 > 0 and (n % 10 <> 2 or d < 5) then 400 else 0 end as share
  ) s`

/** What belongs to the orders: what decks that are over were used for, a refund of one in a hundred, events and postings of one in twenty. */
function around(from: number, to: number): string[] {
  const orders = `orders o where right(o.order_no, 11) >= lpad(${from}::text, 11, '0') and right(o.order_no, 11) < lpad(${to}::text, 11, '0')
    and o.state = 'paid'`
  return [
    `update decks d set used_slots = u.used, last_used_at = u.last_at
     from (
       select d.campaign_id, d.merchant_code, d.business_date, count(o.slot) as used, max(o.created_at) as last_at
       from decks d left join orders o on o.campaign_id = d.campaign_id and o.merchant_code = d.merchant_code
         and o.deck_date = d.business_date and o.slot is not null and o.state <> 'closed'
       where d.closed_at is not null group by 1, 2, 3
     ) u
     where d.campaign_id = u.campaign_id and d.merchant_code = u.merchant_code and d.business_date = u.business_date`,
    `insert into refunds (refund_no, order_no, channel, merchant_code, branch_code, business_date, payer_fen, merchant_fen, gl_fen, idempotency_key,
       input_hash, state, created_at, ended_at, channel_refund_no)
     select 'R' || order_no, order_no, channel, merchant_code, branch_code, business_date, 100, 100, 0, order_no, '', 'refunded', created_at + 60000,
       created_at + 61000, 'r' from ${orders} and right(o.order_no, 2) = '11'`,
    `insert into order_events (order_no, kind, at) select order_no, k, created_at
     from unnest(array['opened', 'paid']) k, ${orders} and right(o.order_no, 2) in ('11', '22', '33', '44', '55')`,
    `insert into postings (order_no, account, role, amount_fen, posted_at)
     select order_no, 'a', r, case r when 'payer' then -100 else 100 end, created_at
     from unnest(array['payer', 'merchant']) r, ${orders} and right(o.order_no, 2) in ('11', '22', '33', '44', '55')`,
  ]
}

import { CompiledQuery } from 'kysely'
import { addDays, endOfBusinessDate } from '../server/domain/business-date'
import { deckKeys, type MasterKeys } from '../server/domain/key-ring'
import { amountsOf } from '../server/flow/deck/cards'
import type { DealtDeck } from '../server/flow/ports'
import { auditKeys } from '../server/store/sql/audit/audit'
import { sqlBooksChain } from '../server/store/sql/audit/books-chain'
import { sqlDecks } from '../server/store/sql/deck/decks'
import type { Sql } from '../server/store/sql/open-sql'
import { recountDay, recountShares } from '../server/store/sql/report/recount'
import { CARDS_A_DECK, DECKS_AT_ONCE, dealStreet, layStreet } from './filled-street'

/**
 * A ledger of so many orders in which nothing is wrong, filled set by set on PostgreSQL and not order by order: decks that are dealt and
 * committed in earnest, orders with all that belongs to them, refunds, every day's statement, counts, and the books' chain.
 */

export interface Filling {
  orders: number
  days: number
  masters: MasterKeys
  onStep?(step: string): void
}

/** Of each merchant's twenty orders a day so many have a card; the last is refunded at every fifth merchant. */
const EACH = CARDS_A_DECK
const CARDS = 14
const REFUNDED_AT = 5
const FIRST_DATE = '2026-10-01'
const DAY_MS = 86_400_000
const CAMPAIGN = 'filled'

/** `sql` has one connection, of a superuser. */
export async function fillLedger(sql: Sql, { orders, days, masters, onStep = () => {} }: Filling): Promise<void> {
  const dates = Array.from({ length: days }, (_, day) => addDays(FIRST_DATE, day))
  const merchants = Math.ceil(orders / days / EACH)
  const run = (text: string) => sql.db.executeQuery(CompiledQuery.raw(text))
  onStep('decks')
  const street = {
    campaignId: CAMPAIGN,
    merchants,
    first: FIRST_DATE,
    last: dates.at(-1)!,
    codeOf: (nth: number) => `M${String(nth).padStart(5, '0')}`,
    accountOf: (code: string) => `acc-${code}`,
    glAccountOf: (branch: number) => `gl-${branch}`,
  }
  await layStreet(sql, street)
  await run('create temp table dealt (merchant_code text, business_date date, commitment text, amounts integer[])')
  for (const date of dates) await dealStreet(sql, masters, street, date, 'dealt')
  // As a restore does: what is right already is asked no trigger about.
  await run('set session_replication_role = replica')
  for (const [step, text] of Object.entries(FILL)) {
    onStep(step)
    await run(text)
  }
  await run('set session_replication_role = origin')
  await run('drop table made; drop table dealt')
  onStep('counts')
  for (const date of dates) await recountDay(sql, date)
  await recountShares(sql)
  onStep('closing')
  const { campaignSecret } = deckKeys(masters)
  const open = (deck: DealtDeck) => amountsOf({ campaignSecret }, deck)
  // The last day is still open, as it is when an auditor comes.
  while ((await sqlDecks(sql).close(dates.at(-2)!, DECKS_AT_ONCE, endOfBusinessDate(dates.at(-1)!), open)) > 0);
  onStep('chain')
  const chain = sqlBooksChain(sql, auditKeys(masters))
  const last = dates.at(-1)!
  while ((await chain.extend(endOfBusinessDate(last) + DAY_MS, last)).kind === 'linked');
  await run('vacuum analyze')
}

/** `{count, payerFen, glFen, merchantFen}` of the lines of a kind, as a statement's totals have them. */
export const SIDE = (kind: string) => `jsonb_build_object('count', count(*) filter (where kind = '${kind}'),
  'payerFen', coalesce(sum(payer_fen) filter (where kind = '${kind}'), 0), 'glFen', coalesce(sum(gl_fen) filter (where kind = '${kind}'), 0),
  'merchantFen', coalesce(sum(merchant_fen) filter (where kind = '${kind}'), 0))`

const LEG = (account: string, role: string, fen: string) =>
  `jsonb_build_object('account', ${account}, 'role', '${role}', 'amountFen', ${fen})`

/** Order numbers are scattered, as random ones are; times follow one another through each day. */
const FILL = {
  orders: `
    create temp table made as
    select o.*, fen - (off + 1) / 2 as payable, fen + off / 2 as receives, 'acc-p' || payer as payer_account, 'acc-' || merchant_code as merchant_account,
      'F' || to_char(business_date, 'YYYYMMDD') || '-' || upper(lpad(to_hex(i * 2654435761 % 4294967296), 8, '0')) as order_no
    from (
      select d.merchant_code, d.business_date, d.commitment, m.branch_code, b.gl_account, n, i, i % 100003 as payer,
        3000 + i * 37 % 9000 as fen, case when n < ${CARDS} then d.amounts[n + 1] else 0 end as off,
        (extract(epoch from d.business_date) * 1000)::bigint - 28800000 + 36000000 + n * 1800000 + i % 1700000 as at
      from (select *, row_number() over (order by business_date, merchant_code) - 1 as nth from dealt) d
      join merchants m using (merchant_code) join branches b using (branch_code)
      cross join generate_series(0, ${EACH - 1}) n cross join lateral (select nth * ${EACH} + n as i) numbered
    ) o;
    insert into orders (order_no, quote_nonce, payer_id, payer_ref, merchant_code, channel, business_date, amount_fen, discount_fen,
      payer_discount_fen, merchant_reward_fen, payable_fen, merchant_receives_fen, campaign_id, deck_date, slot, deck_commitment, reason,
      payer_account, merchant_account, gl_account, branch_code, state, created_at, ended_at, channel_trade_no, verification, attempts)
    select order_no, 'q' || i, 'p' || payer, 'a' || payer, merchant_code, 'bank', business_date, fen, off, (off + 1) / 2, off / 2, payable,
      receives, case when off > 0 then '${CAMPAIGN}' end, case when off > 0 then business_date end, case when off > 0 then n end,
      case when off > 0 then commitment end, case when off = 0 then 'sold-out' end, payer_account, merchant_account, gl_account, branch_code,
      'paid', at, at + 800, 'B' || i, 'sms', 0 from made order by at`,
  keys: `insert into idempotency_keys (payer_id, key, input_hash, order_no) select 'p' || payer, 'k' || i, md5(i::text), order_no from made`,
  requests: `
    insert into channel_requests (order_no, request, sent_at, reply, replied_at)
    select order_no, jsonb_build_object('orderNo', order_no, 'businessDate', business_date, 'agreementId', 'a' || payer, 'legs', jsonb_path_query_array(
        jsonb_build_array(${LEG('payer_account', 'payer', '-payable')}, ${LEG('gl_account', 'gl', '-off')},
          ${LEG('merchant_account', 'merchant', 'receives')}), '$[*] ? (@.amountFen != 0)')),
      at, json_build_object('status', 'succeeded', 'orderNo', order_no, 'channelTradeNo', 'B' || i, 'bookedAt', at + 700), at + 800
    from made`,
  events: `
    insert into order_events (order_no, kind, verb, outcome, at)
    select order_no, kind, verb, outcome, e.at from made m cross join lateral (values ('opened', null, null::jsonb, m.at),
      ('paid', 'pay', jsonb_build_object('kind', 'succeeded', 'channelTradeNo', 'B' || i), m.at + 800)) e(kind, verb, outcome, at)
    order by e.at, order_no`,
  postings: `
    insert into postings (order_no, account, role, amount_fen, posted_at)
    select order_no, account, role, p.fen, at + 800 from made m cross join lateral (values (payer_account, 'payer', -payable),
      (gl_account, 'gl', -off), (merchant_account, 'merchant', receives)) p(account, role, fen)
    where p.fen <> 0 order by at, order_no`,
  outbox: 'insert into outbox (merchant_code, order_no) select merchant_code, order_no from made order by at',
  payers: `
    insert into payer_days (payer_id, channel, business_date, spent_fen)
    select 'p' || payer, 'bank', business_date, sum(fen) from made group by payer, business_date;
    insert into payer_cards (campaign_id, deck_date, holder, cards)
    select '${CAMPAIGN}', business_date, 'payer p' || payer, array_agg(merchant_code || ' ' || order_no) from made where off > 0
    group by payer, business_date`,
  refunds: `
    create temp table back as
    select *, 'R' || substr(order_no, 2) as refund_no, at + 3600000 as back_at from made where n = ${EACH - 1} and (i / ${EACH}) % ${REFUNDED_AT} = 0;
    insert into refunds (refund_no, order_no, channel, merchant_code, branch_code, business_date, payer_fen, merchant_fen, gl_fen,
      idempotency_key, input_hash, state, created_at, ended_at, channel_refund_no)
    select refund_no, order_no, 'bank', merchant_code, branch_code, business_date, fen, fen, 0, 'k' || i,
      encode(sha256(convert_to('["' || order_no || '",' || fen || ',null]', 'UTF8')), 'hex'), 'refunded', back_at, back_at + 900, 'R' || i from back;
    insert into refund_events (refund_no, kind, verb, outcome, raw, at)
    select refund_no, kind, verb, outcome, raw, e.at from back b cross join lateral (values ('opened', null, null::jsonb, null::json, back_at),
      ('refunded', 'refund', jsonb_build_object('kind', 'succeeded', 'channelTradeNo', 'R' || i), '{"status": "succeeded"}', back_at + 900))
      e(kind, verb, outcome, raw, at) order by e.at;
    insert into postings (order_no, refund_no, account, role, amount_fen, posted_at)
    select order_no, refund_no, account, role, p.fen, back_at + 900 from back b
    cross join lateral (values (payer_account, 'payer', fen), (merchant_account, 'merchant', -fen)) p(account, role, fen);
    insert into outbox (merchant_code, order_no) select merchant_code, order_no from back`,
  statements: `
    insert into statement_lines (channel, statement_date, line_no, kind, order_no, refund_no, channel_trade_no, booked_at, payer_fen, gl_fen,
      merchant_fen, gl_account, merchant_account)
    select 'bank', business_date, row_number() over (partition by business_date order by booked_at, order_no, kind), kind, order_no, refund_no, trade_no,
      booked_at, payer_fen, gl_fen, merchant_fen, gl_account, merchant_account
    from (
      select business_date, 'clearing' as kind, order_no, null as refund_no, 'B' || i as trade_no, at + 700 as booked_at, -payable as payer_fen, -off as gl_fen,
        receives as merchant_fen, case when off > 0 then gl_account end as gl_account, merchant_account from made
      union all
      select business_date, 'refund', order_no, refund_no, 'R' || i, back_at + 800, fen, 0, -fen, null, merchant_account from back
    ) l;
    insert into reconciliations (channel, statement_date, sha256, bytes, lines, totals, started_at, held_until, matched_at, result)
    select 'bank', statement_date, md5(statement_date::text), 1, count(*),
      jsonb_build_object('clearing', ${SIDE('clearing')}, 'refund', ${SIDE('refund')}), 0, 0, 1, '{"proven": true}'
    from statement_lines group by statement_date;
    drop table back`,
}

import type { Posting } from '../server/domain/posting'
import { postingsOf } from '../server/domain/posting'
import { figures } from '../server/domain/quote'
import type { Sql } from '../server/store/sql/open-sql'
import type { BankBooks } from './bank-books'
import type { Told } from './told'
import type { Verdict } from './verdict'

interface Row {
  order_no: string
  state: 'paying' | 'paid' | 'closed'
  amount_fen: number
  discount_fen: number
  payer_discount_fen: number
  merchant_reward_fen: number
  payable_fen: number
  merchant_receives_fen: number
  slot: number | null
  payer_account: string
  merchant_account: string
  gl_account: string
  channel_trade_no: string | null
  postings: Posting[]
  endings: number
  outboxed: number
  card_fen: number | null
  payer_percent: number | null
}

/** Rows of a page: some MB with their postings. */
const PAGE = 2_000

const ORDERS = `
  select o.*,
    coalesce((select json_agg(json_build_object('account', p.account, 'role', p.role, 'amountFen', p.amount_fen) order by p.posting_id)
      from postings p where p.order_no = o.order_no and p.refund_no is null), '[]') as postings,
    (select count(*) from order_events e where e.order_no = o.order_no and e.kind in ('paid', 'closed')) as endings,
    (select count(*) from outbox b where b.order_no = o.order_no) as outboxed,
    (select d.amounts_fen[o.slot + 1] from decks d where d.campaign_id = o.campaign_id
      and d.merchant_code = o.merchant_code and d.business_date = o.deck_date) as card_fen,
    (select (c.rule->>'payerPercent')::int from campaigns c where c.campaign_id = o.campaign_id) as payer_percent
  from orders o where o.order_no > $1 order by o.order_no limit ${PAGE}`

/** Every order of the ledger, by itself and beside the bank's record of it and what its payer was told. */
export async function checkOrders(sql: Sql, bank: BankBooks, told: Told, verdict: Verdict) {
  const counts = { paid: 0, closed: 0, paying: 0, discounted: 0 }
  const known = new Set<string>()
  for (let after = ''; ; ) {
    const { rows } = await sql.pool.query<Row>(ORDERS, [after])
    for (const row of rows) {
      known.add(row.order_no)
      counts[row.state]++
      if (row.state === 'paid' && row.slot !== null) counts.discounted++
      checkRow(row, verdict)
      checkBank(row, bank, verdict)
      checkTold(row, told, verdict)
    }
    if (rows.length < PAGE) break
    after = rows.at(-1)!.order_no
  }
  for (const orderNo of told.orders.keys())
    verdict.look('LOST', 'an acknowledged order is in the ledger', known.has(orderNo) ? undefined : orderNo)
  for (const orderNo of bank.clearings.keys())
    verdict.look('I6', 'the bank has no order that the ledger has not', known.has(orderNo) ? undefined : orderNo)
  return counts
}

function checkRow(row: Row, verdict: Verdict): void {
  const look = (name: string, what: string, well: boolean, seen: unknown) =>
    verdict.look(name, what, well ? undefined : `${row.order_no}: ${JSON.stringify(seen)}`)
  look('I5', 'every order has ended, once', row.state !== 'paying' && row.endings === 1, [row.state, row.endings])
  const should = figures(row.amount_fen, row.card_fen ?? 0, row.payer_percent ?? 100)
  const is = figuresOf(row)
  look('I3', 'its figures follow from amount and card', same(should, is), [should, is])
  const postings = row.state === 'paid' ? postingsOf({ figures: should, accounts: accountsOf(row) }) : []
  look('I4', 'a paid order has its postings, another none', same(sorted(postings), sorted(row.postings)), row.postings)
}

function checkBank(row: Row, bank: BankBooks, verdict: Verdict): void {
  const clearing = bank.clearings.get(row.order_no)
  const booked = bank.booked.get(row.order_no) ?? 0
  const right = row.state === 'paid' ? 1 : 0
  const double = booked === right ? undefined : `${row.order_no} is ${row.state} and was booked ${booked} times`
  verdict.look('I6', 'the bank booked a paid order once and no other', double)
  if (row.state !== 'paid') return
  const succeeded = clearing?.state === 'succeeded' ? clearing : undefined
  const equal =
    succeeded?.channelTradeNo === row.channel_trade_no &&
    same(sorted(succeeded.request?.legs ?? []), sorted(row.postings))
  verdict.look(
    'I10',
    'its postings are the legs of its clearing',
    equal ? undefined : `${row.order_no}: ${JSON.stringify(clearing)}`,
  )
}

function checkTold(row: Row, told: Told, verdict: Verdict): void {
  const view = told.orders.get(row.order_no)?.view
  if (!view) return
  const state = view.state === 'paying' || view.state === row.state
  const { amountFen, discountFen, payerDiscountFen, merchantRewardFen, payableFen, merchantReceivesFen } = view
  const shown = { amountFen, discountFen, payerDiscountFen, merchantRewardFen, payableFen, merchantReceivesFen }
  const well = state && same(shown, figuresOf(row)) && (view.slotNumber ?? 0) === (row.slot === null ? 0 : row.slot + 1)
  verdict.look(
    'I10',
    'it is as its payer was told',
    well ? undefined : `${row.order_no}: told ${view.state}, is ${row.state}`,
  )
}

function figuresOf(row: Row) {
  return {
    amountFen: row.amount_fen,
    discountFen: row.discount_fen,
    payerDiscountFen: row.payer_discount_fen,
    merchantRewardFen: row.merchant_reward_fen,
    payableFen: row.payable_fen,
    merchantReceivesFen: row.merchant_receives_fen,
  }
}

function accountsOf(row: Row) {
  return { payer: row.payer_account, merchant: row.merchant_account, gl: row.gl_account }
}

function sorted(postings: readonly Posting[]): string[] {
  return postings.map(({ account, role, amountFen }) => `${role} ${account} ${amountFen}`).sort()
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

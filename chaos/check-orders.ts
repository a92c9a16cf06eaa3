import type { ChannelName } from '../server/domain/channel'
import { type Posting, postingsOf } from '../server/domain/posting'
import { figures } from '../server/domain/quote'
import type { Sql } from '../server/store/sql/open-sql'
import { type Books, legsOf } from './books'
import { type CardsRow, cardsOf } from './deck-cards'
import type { Told } from './told'
import type { Verdict } from './verdict'

interface Row {
  order_no: string
  channel: ChannelName
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
  gl_account: string | null
  channel_trade_no: string | null
  postings: Posting[]
  endings: number
  outboxed: number
  deck: CardsRow | null
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
    (select row_to_json(d) from decks d where d.campaign_id = o.campaign_id
      and d.merchant_code = o.merchant_code and d.business_date = o.deck_date) as deck,
    (select (c.rule->>'payerPercent')::int from campaigns c where c.campaign_id = o.campaign_id) as payer_percent
  from orders o where o.order_no > $1 order by o.order_no limit ${PAGE}`

/** Every order of the ledger, by itself and beside its channel's record of it and what its payer was told. */
export async function checkOrders(
  sql: Sql,
  masterKey: Uint8Array,
  books: ReadonlyMap<ChannelName, Books>,
  told: Told,
  verdict: Verdict,
) {
  const counts = { paid: 0, closed: 0, paying: 0, discounted: 0 }
  const byChannel: Record<string, { paid: number; closed: number; paying: number }> = {}
  const known = new Set<string>()
  for (let after = ''; ; ) {
    const { rows } = await sql.pool.query<Row>(ORDERS, [after])
    for (const row of rows) {
      known.add(row.order_no)
      counts[row.state]++
      byChannel[row.channel] ??= { paid: 0, closed: 0, paying: 0 }
      byChannel[row.channel]![row.state]++
      if (row.state === 'paid' && row.slot !== null) counts.discounted++
      checkRow(row, masterKey, verdict)
      checkChannel(row, books.get(row.channel)!, verdict)
      checkTold(row, told, verdict)
    }
    if (rows.length < PAGE) break
    after = rows.at(-1)!.order_no
  }
  for (const orderNo of told.orders.keys())
    verdict.look('LOST', 'an acknowledged order is in the ledger', known.has(orderNo) ? undefined : orderNo)
  for (const [name, { orders }] of books)
    for (const orderNo of orders.keys()) {
      const stranger = known.has(orderNo) ? undefined : `${orderNo} at ${name}`
      verdict.look('I6', 'no channel has an order that the ledger has not', stranger)
    }
  return { ...counts, byChannel }
}

function checkRow(row: Row, masterKey: Uint8Array, verdict: Verdict): void {
  const look = (name: string, what: string, well: boolean, seen: unknown) =>
    verdict.look(name, what, well ? undefined : `${row.order_no}: ${JSON.stringify(seen)}`)
  look('I5', 'every order has ended, once', row.state !== 'paying' && row.endings === 1, [row.state, row.endings])
  const cardFen = row.deck && row.slot !== null ? cardsOf(row.deck, masterKey)?.[row.slot] : 0
  const should = figures(row.amount_fen, cardFen ?? 0, row.payer_percent ?? 100)
  const is = figuresOf(row)
  look('I3', 'its figures follow from amount and card', same(should, is), [should, is])
  const postings = row.state === 'paid' ? postingsOf({ figures: should, accounts: accountsOf(row) }) : []
  look('I4', 'a paid order has its postings, another none', same(legsOf(postings), legsOf(row.postings)), row.postings)
}

function checkChannel(row: Row, books: Books, verdict: Verdict): void {
  const theirs = books.orders.get(row.order_no)
  const times = theirs?.times ?? 0
  const right = row.state === 'paid' ? 1 : 0
  const double = times === right ? undefined : `${row.order_no} is ${row.state} and was booked ${times} times`
  verdict.look('I6', 'its channel booked a paid order once and no other', double)
  const told = () => `${row.order_no} of ${row.channel}: ${JSON.stringify(theirs)}`
  if (row.state === 'closed')
    verdict.look('I5', 'a closed order can be paid no more', theirs?.state === 'open' ? told() : undefined)
  if (row.state !== 'paid') return
  const equal =
    theirs?.state === 'done' &&
    theirs.tradeNo === row.channel_trade_no &&
    theirs.amountFen === row.payable_fen &&
    theirs.merchant === row.merchant_account &&
    (!theirs.legs || same(theirs.legs, legsOf(row.postings)))
  verdict.look('I10', 'it is what its channel booked, amount, merchant and number', equal ? undefined : told())
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

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

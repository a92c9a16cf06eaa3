import type { ChannelName } from '../server/domain/channel'
import { refundPostings } from '../server/domain/refund'
import type { Sql } from '../server/store/sql/open-sql'
import { type Books, legsOf } from './books'
import type { Told } from './told'
import type { Verdict } from './verdict'

interface Row {
  refund_no: string
  order_no: string
  channel: ChannelName
  state: 'refunding' | 'refunded' | 'failed'
  payer_fen: number
  merchant_fen: number
  gl_fen: number
  channel_refund_no: string | null
  payer_account: string
  merchant_account: string
  gl_account: string | null
  postings: { account: string; role: 'payer' | 'gl' | 'merchant'; amountFen: number }[]
}

const REFUNDS = `
  select r.*, o.channel, o.payer_account, o.merchant_account, o.gl_account,
    coalesce((select json_agg(json_build_object('account', p.account, 'role', p.role, 'amountFen', p.amount_fen))
      from postings p where p.refund_no = r.refund_no), '[]') as postings
  from refunds r join orders o using (order_no)`

/** $ none: orders of which more went back than was paid, or not all of the subsidy although all was paid back. */
const OVER = `
  select o.order_no, o.payable_fen, o.discount_fen, sum(r.payer_fen) as payer_fen, sum(r.gl_fen) as gl_fen
  from refunds r join orders o using (order_no) where r.state <> 'failed' group by o.order_no
  having sum(r.payer_fen) > o.payable_fen or sum(r.gl_fen) > o.discount_fen
    or (sum(r.payer_fen) = o.payable_fen and sum(r.gl_fen) <> o.discount_fen)`

/** Every refund of the ledger, by itself, beside its channel's record of it, and beside the others of its order. */
export async function checkRefunds(sql: Sql, books: ReadonlyMap<ChannelName, Books>, told: Told, verdict: Verdict) {
  const { rows } = await sql.pool.query<Row>(REFUNDS)
  const counts = { refunded: 0, failed: 0, refunding: 0 }
  const byChannel: Record<string, number> = {}
  for (const row of rows) {
    counts[row.state]++
    if (row.state === 'refunded') byChannel[row.channel] = (byChannel[row.channel] ?? 0) + 1
    checkRow(row, books.get(row.channel)!, verdict)
  }
  const known = new Map(rows.map((row) => [row.refund_no, row]))
  for (const [refundNo, view] of told.refunds) {
    const row = known.get(refundNo)
    const well = row && row.payer_fen === view.payerFen && (view.state === 'refunding' || view.state === row.state)
    verdict.look(
      'LOST',
      'an acknowledged refund is as its merchant was told',
      well ? undefined : `${refundNo}: told ${view.state}, is ${row?.state}`,
    )
  }
  for (const [name, { refunds }] of books)
    for (const refundNo of refunds.keys()) {
      const stranger = known.has(refundNo) ? undefined : `${refundNo} at ${name}`
      verdict.look('I6', 'no channel has a refund that the ledger has not', stranger)
    }
  const over = (await sql.pool.query(OVER)).rows
  verdict.checked('I3', 'no order gives back more than was paid')
  for (const row of over) verdict.violate('I3', 'no order gives back more than was paid', JSON.stringify(row))
  return { ...counts, byChannel }
}

function checkRow(row: Row, books: Books, verdict: Verdict): void {
  const look = (name: string, what: string, well: boolean) =>
    verdict.look(name, what, well ? undefined : `${row.refund_no} of ${row.order_no}: ${JSON.stringify(row)}`)
  look('I5', 'every refund has ended', row.state !== 'refunding')
  const shares = { payerFen: row.payer_fen, merchantFen: row.merchant_fen, glFen: row.gl_fen }
  const accounts = { payer: row.payer_account, merchant: row.merchant_account, gl: row.gl_account }
  const should = row.state === 'refunded' ? refundPostings({ accounts }, shares) : []
  const [right, ours] = [JSON.stringify(legsOf(should)), JSON.stringify(legsOf(row.postings))]
  look('I4', 'a refund has its postings, a failed one none', right === ours)
  const theirs = books.refunds.get(row.refund_no)
  look(
    'I6',
    'its channel booked a refund once and no failed one',
    (theirs?.times ?? 0) === (row.state === 'refunded' ? 1 : 0),
  )
  if (row.state !== 'refunded') return
  const equal =
    theirs?.state === 'done' &&
    theirs.tradeNo === row.channel_refund_no &&
    theirs.amountFen === row.payer_fen &&
    theirs.merchant === row.merchant_account &&
    (!theirs.legs || JSON.stringify(theirs.legs) === ours)
  look('I10', 'it is what its channel booked, amount, merchant and number', equal)
}

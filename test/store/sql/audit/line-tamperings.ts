import type { Tampering } from './proof-tamperings'

/** In the pack of an order's lines: `$at` the place of its clearing. */
const inPack = (set: string) => (books: { atBank: { orderNo: string } }) => {
  const no = books.atBank.orderNo
  const at = `(select min(i) from generate_subscripts(order_nos, 1) i where order_nos[i] = '${no}' and refund_nos[i] is null)`
  return `update statement_packs set ${set.replaceAll('$at', at)} where '${no}' = any(order_nos)`
}

/** What somebody does to lines of a statement after they were packed: as visible as before. */
export const LINE_TAMPERINGS: Tampering[] = [
  {
    codes: ['bank-differs', 'statement-changed'],
    what: 'a line is a fen more',
    how: inPack('payer_fen[$at] = payer_fen[$at] - 1'),
  },
  {
    codes: ['bank-differs', 'statement-changed'],
    what: 'a line has another discount',
    how: inPack('gl_fen[$at] = gl_fen[$at] - 1'),
  },
  {
    codes: ['bank-differs', 'statement-changed'],
    what: 'a line is another order’s',
    how: inPack(`order_nos[$at] = first_no || '-NONE'`),
  },
  {
    codes: ['bank-differs', 'statement-changed'],
    what: 'a line is a refund’s',
    how: inPack(`refund_nos[$at] = 'R20261121-NONE-NONE-NONE'`),
  },
  {
    codes: ['statement-changed'],
    what: 'a line has another number of the bank’s',
    how: inPack(`trade_nos[$at] = 'mine'`),
  },
  {
    codes: ['statement-changed'],
    what: 'a line says another payee',
    how: inPack(`merchant_accounts[$at] = 'acc-mine'`),
  },
  {
    codes: ['statement-changed'],
    what: 'a line says another account of ours',
    how: inPack(`gl_accounts[$at] = 'mine'`),
  },
  { codes: ['statement-changed'], what: 'a line says another payer', how: inPack(`payer_tails[$at] = '0000'`) },
  { codes: ['statement-changed'], what: 'a line is in another currency', how: inPack(`currencies[$at] = 'USD'`) },
  {
    codes: ['statement-changed'],
    what: 'a line is of another time',
    how: inPack('booked_at[$at] = booked_at[$at] + 1'),
  },
  {
    codes: ['statement-changed'],
    what: 'lines of a pack are of another time',
    how: inPack('booked_from = booked_from + 1'),
  },
  {
    codes: ['bank-differs', 'statement-changed'],
    what: 'a line has another place in it',
    how: inPack('line_nos[$at] = 99'),
  },
  {
    codes: ['bank-differs', 'statement-changed'],
    what: 'a line is there twice, packed and not',
    how: ({ atBank }) => `
      insert into statement_lines (channel, statement_date, line_no, kind, order_no, channel_trade_no, booked_at, payer_fen, gl_fen, merchant_fen,
        merchant_account)
      select channel, statement_date, 99, kind, order_no, channel_trade_no, booked_at, payer_fen, gl_fen, merchant_fen, merchant_account
      from packed_lines where order_no = '${atBank.orderNo}' limit 1`,
  },
  {
    codes: ['packed-number-wrong'],
    what: 'a pack is put under numbers that nobody asks for',
    how: inPack(`numbered = 'F19990101'`),
  },
  {
    codes: ['packed-number-wrong'],
    what: 'a pack of lines says that it ends where it begins',
    how: inPack('last_no = first_no'),
  },
  {
    codes: ['not-at-bank', 'statement-changed'],
    what: 'a whole pack is gone',
    how: ({ atBank }) => `delete from statement_packs where '${atBank.orderNo}' = any(order_nos)`,
  },
]

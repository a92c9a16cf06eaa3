import type { Tampering } from './proof-tamperings'

/** In the pack of an order: `$at` the order's place, `$paid` that of its ending, `$leg` that of its merchant's posting. */
const inPack = (set: string) => (books: { rejectedShort: { orderNo: string } }) => {
  const at = `array_position(order_nos, '${books.rejectedShort.orderNo}')`
  const place = (of: string, which: string) =>
    `(select i from generate_subscripts(${of}, 1) i where ${of}[i] = ${at} and ${which})`
  const said = set
    .replaceAll('$at', at)
    .replaceAll('$opened', place('event_of', `kinds[i] = 'opened'`))
    .replaceAll('$paid', place('event_of', `kinds[i] = 'paid'`))
    .replaceAll('$leg', place('posting_of', `roles[i] = 'merchant'`))
  return `update order_books set ${said} where '${books.rejectedShort.orderNo}' = any(order_nos)`
}

/** What somebody does to an order's events and postings after they were packed: as visible as before. */
export const BOOK_TAMPERINGS: Tampering[] = [
  {
    codes: ['not-as-chained', 'state-not-from-events'],
    what: 'an event is of another time',
    how: inPack('event_at[$paid] = event_at[$paid] + 1'),
  },
  {
    codes: ['ended-without-answer', 'not-as-chained'],
    what: 'an ending is a timeout',
    how: inPack(`outcomes[$paid] = '{"kind": "unknown", "code": "timeout"}'`),
  },
  {
    codes: ['ended-without-answer', 'not-as-chained'],
    what: 'an ending can’t be read any more',
    how: inPack(`outcomes[$paid] = '{'`),
  },
  {
    codes: ['not-as-chained', 'opened-not-once'],
    what: 'a beginning is another order’s',
    how: inPack('event_of[$opened] = case $at when 1 then 2 else 1 end'),
  },
  {
    codes: ['not-as-chained', 'opened-not-once'],
    what: 'a beginning is nobody’s',
    how: inPack('event_of[$opened] = 0'),
  },
  {
    codes: ['not-as-chained'],
    what: 'an event has another number',
    how: inPack('event_ids[$opened] = event_ids[$opened] - 10000'),
  },
  {
    codes: ['not-as-chained', 'summary-wrong', 'unbalanced'],
    what: 'a posting is a fen more',
    how: inPack('amounts_fen[$leg] = amounts_fen[$leg] + 1'),
  },
  {
    codes: ['not-as-chained', 'postings-wrong'],
    what: 'a posting is to another account',
    how: inPack(`accounts[$leg] = 'acc-mine'`),
  },
  {
    codes: ['not-as-chained'],
    what: 'a posting is of another time',
    how: inPack('posted_at[$leg] = posted_at[$leg] + 1'),
  },
  {
    codes: ['not-as-chained', 'opened-not-once', 'order-missing', 'postings-wrong', 'summary-wrong'],
    what: 'an order’s events stand under another number',
    how: inPack(`order_nos[$at] = 'F20261121-NONE-NONE-NONE'`),
  },
  {
    codes: ['not-as-chained', 'opened-not-once', 'summary-wrong'],
    what: 'an order’s events are there twice, packed and not',
    how: ({ rejectedShort }) => `
      insert into order_events (event_id, order_no, kind, verb, outcome, raw, at) overriding system value
      select event_id, order_no, kind, verb, outcome, raw, at from packed_events where order_no = '${rejectedShort.orderNo}'`,
  },
  {
    codes: ['not-as-chained', 'postings-wrong', 'summary-wrong'],
    what: 'its postings are there twice, packed and not',
    how: ({ rejectedShort }) => `
      insert into postings (posting_id, order_no, account, role, amount_fen, posted_at) overriding system value
      select posting_id, order_no, account, role, amount_fen, posted_at from packed_postings where order_no = '${rejectedShort.orderNo}'`,
  },
  {
    codes: ['packed-number-wrong'],
    what: 'a complaint’s number is to find another order',
    how: inPack('trade_hashes[$at] = trade_hashes[$at] # 1'),
  },
  {
    codes: ['packed-number-wrong'],
    what: 'a pack says that it ends where it begins',
    how: inPack('last_no = first_no'),
  },
  {
    codes: ['packed-number-wrong'],
    what: 'a pack is of the day after',
    how: inPack('business_date = business_date + 1'),
  },
  {
    codes: ['bank-differs', 'not-as-chained', 'opened-not-once', 'postings-wrong', 'summary-wrong'],
    what: 'a whole pack is gone',
    how: ({ rejectedShort }) => `delete from order_books where '${rejectedShort.orderNo}' = any(order_nos)`,
  },
]

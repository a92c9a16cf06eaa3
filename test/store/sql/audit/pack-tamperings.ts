import type { Tampering } from './proof-tamperings'

const inPack = (set: string) => (books: { late: { orderNo: string } }) => {
  const at = `array_position(order_nos, '${books.late.orderNo}')`
  return `update order_papers set ${set.replaceAll('$at', at)} where '${books.late.orderNo}' = any(order_nos)`
}

/** As if the key were old enough to be gone from where keys are looked up. */
const keyPruned = ({ late }: { late: { orderNo: string } }) => `
  delete from idempotency_keys where order_no = '${late.orderNo}';
  update idempotency_keys_pruned set before_at = 4102444800000`

/** What somebody does to what was sent and answered, after it was packed: as visible as before. */
export const PACK_TAMPERINGS: Tampering[] = [
  {
    codes: ['not-as-chained'],
    what: 'the channel’s raw reply is another',
    how: inPack(`replies[$at] = '{"code": "0001"}'`),
  },
  {
    codes: ['not-as-chained'],
    what: 'a raw reply is spelt in another way',
    how: inPack(`replies[$at] = replies[$at] || ' '`),
  },
  {
    codes: ['not-as-chained'],
    what: 'a request was sent at another time',
    how: inPack('sent_at[$at] = sent_at[$at] + 1'),
  },
  {
    codes: ['not-as-chained', 'request-wrong'],
    what: 'a request is another order’s',
    how: inPack(`requests[$at] = replace(requests[$at], chr(1), 'another')`),
  },
  {
    codes: ['not-as-chained'],
    what: 'a request can’t be read any more',
    how: inPack(`requests[$at] = '{'`),
  },
  {
    codes: ['not-as-chained', 'order-missing', 'request-missing'],
    what: 'an order’s papers stand under another number',
    how: inPack(`order_nos[$at] = 'F20261121-NONE-NONE-NONE'`),
  },
  {
    codes: ['packed-number-wrong'],
    what: 'a pack of papers says that it begins where it ends',
    how: inPack('first_no = last_no'),
  },
  {
    codes: ['packed-number-wrong'],
    what: 'a pack of papers is of the day after',
    how: inPack('business_date = business_date + 1'),
  },
  {
    codes: ['key-not-once'],
    what: 'a key says another thing in its pack than where it is looked up',
    how: inPack(`keys[$at] = 'key-of-mine'`),
  },
  {
    codes: ['not-as-chained'],
    what: 'a key that is only packed stands for something else',
    how: (books) => `${keyPruned(books)}; ${inPack(`input_hashes[$at] = '\\x00'`)(books)}`,
  },
  {
    codes: ['key-not-once', 'not-as-chained'],
    what: 'a key is in its pack no more, and nowhere else',
    how: (books) => `${keyPruned(books)}; ${inPack('keys[$at] = null')(books)}`,
  },
  {
    codes: ['key-not-once'],
    what: 'a key is gone from where it is looked up before its time',
    how: ({ late }) => `delete from idempotency_keys where order_no = '${late.orderNo}'`,
  },
  {
    codes: ['request-missing'],
    what: 'they are there twice, packed and not',
    how: ({ late }) => `
      insert into channel_requests (order_no, request, sent_at, reply, replied_at)
      select order_no, request, sent_at, reply::json, replied_at from packed_papers where order_no = '${late.orderNo}'`,
  },
]

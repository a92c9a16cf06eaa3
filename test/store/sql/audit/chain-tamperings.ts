import type { Tampering } from './proof-tamperings'

/** What is written once, and nothing else tells of: only the chain. And the chain itself. */
export const CHAIN_TAMPERINGS: Tampering[] = [
  {
    codes: ['not-as-chained'],
    what: 'the channel’s raw reply is another',
    how: (books) => `update channel_requests set reply = '{"code": "0001"}' where order_no = '${books.late.orderNo}'`,
  },
  {
    codes: ['not-as-chained'],
    what: 'an order’s key stands for something else',
    how: (books) => `update idempotency_keys set input_hash = 'x' where order_no = '${books.late.orderNo}'`,
  },
  {
    codes: ['not-as-chained'],
    what: 'more was said in a request than its order tells',
    how: (books) => `
      update channel_requests set request = request || '{"memo": "mine"}' where order_no = '${books.late.orderNo}'`,
  },
  {
    codes: ['not-as-chained'],
    what: 'a raw reply on the way to the ending is another',
    how: (books) => `
      update order_events set raw = '{"code": "0001"}' where order_no = '${books.unknown.orderNo}' and kind = 'noted'`,
  },
  {
    codes: ['not-as-chained'],
    what: 'that the channel said nothing was never heard',
    how: (books) => `delete from order_events where order_no = '${books.unknown.orderNo}' and kind = 'noted'`,
  },
  {
    codes: ['not-as-chained'],
    what: 'something is put in among what was heard before',
    how: (books) => `
      insert into order_events (event_id, order_no, kind, verb, outcome, at) overriding system value
      select 0, order_no, 'noted', 'query', '{"kind": "unknown", "code": "timeout"}', at from order_events
      where order_no = '${books.unknown.orderNo}' and kind = 'noted'`,
  },
  {
    codes: ['not-as-chained'],
    what: 'the raw reply to a refund is another',
    how: ({ first }) =>
      `update refund_events set raw = '{"code": "0001"}' where refund_no = '${first}' and kind = 'refunded'`,
  },
  {
    codes: ['not-as-chained'],
    what: 'a correction was posted at another time',
    how: () => 'update postings set posted_at = posted_at + 1 where correction_id is not null',
  },
  {
    codes: ['not-as-chained'],
    what: 'why an order had no discount is another',
    how: (books) => `update orders set reason = 'limit-reached' where order_no = '${books.late.orderNo}'`,
  },
  {
    codes: ['not-as-chained'],
    what: 'a deck was dealt a little later, and still before its first card',
    how: (books) => `update decks set dealt_at = dealt_at + 5 where campaign_id = '${books.campaign.campaignId}'`,
  },
  {
    codes: ['chain-broken'],
    what: 'a link was made at another time',
    how: () => 'update ledger_links set at = at + 1 where link_no = 1',
  },
  {
    codes: ['chain-broken'],
    what: 'a link has another row’s mark, for a row that was made to fit it',
    how: () => `update ledger_link_parts set marks[1] = marks[2] where kind = 'order-event'`,
  },
  {
    codes: ['chain-broken'],
    what: 'a row is in no link any more',
    how: () => `
      update ledger_link_parts set names = names[2:], marks = marks[2:] where kind = 'order-event'`,
  },
  {
    codes: ['chain-broken'],
    what: 'a kind of rows is in no link any more',
    how: () => `delete from ledger_link_parts where kind = 'refund-event'`,
  },
  {
    codes: ['chain-broken'],
    what: 'a link is said to be of another key',
    how: () => `update ledger_links set key_id = 'beef0000' where link_no = 1`,
  },
  {
    codes: ['chain-broken', 'seal-differs'],
    what: 'the chain begins later',
    how: () => 'delete from ledger_links where link_no = 1; delete from ledger_link_parts where link_no = 1',
  },
  {
    codes: ['seal-differs'],
    what: 'the end of the chain is cut off, and the log has still sealed that day',
    how: () => `
      delete from ledger_link_parts where link_no = (select max(link_no) from ledger_links);
      delete from ledger_links where link_no = (select max(link_no) from ledger_links)`,
  },
  {
    codes: ['seal-differs'],
    what: 'all of the chain is gone, to be made again',
    how: () => 'delete from ledger_link_parts; delete from ledger_links',
  },
  {
    codes: ['log-cut-off'],
    what: 'the end of the log is cut off and its head set back, and the chain has still seen it',
    how: () => `
      delete from operator_actions where action_id >= (select max(last_action) from ledger_links);
      update operator_actions_head set (last_id, mac) = (select action_id, mac from operator_actions order by action_id desc limit 1)`,
  },
]

/** What is written after something is chained is another then, too: it is told beside what else the tampering is. */
export const BESIDE = ['not-as-chained', 'log-cut-off']

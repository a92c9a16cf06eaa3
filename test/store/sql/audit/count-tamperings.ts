import type { Tampering } from './proof-tamperings'

/** With what is counted, summed and listed beside the books, which reports are read from and sweepers go by. */
export const COUNT_TAMPERINGS: Tampering[] = [
  {
    codes: ['open-order-wrong'],
    what: 'an order is left out of what sweepers go by, so that nobody asks the bank about it',
    how: ({ unknown }) => `delete from open_orders where order_no = '${unknown.orderNo}'`,
  },
  {
    codes: ['open-order-wrong'],
    what: 'a card is never given back',
    how: ({ cancelled }) =>
      `update open_orders set slot_return_at = slot_return_at + 1000000 where order_no = '${cancelled.orderNo}'`,
  },
  {
    codes: ['open-order-wrong'],
    what: 'sweepers of another channel are sent after an order',
    how: ({ unknown }) => `update open_orders set channel = 'alipay' where order_no = '${unknown.orderNo}'`,
  },
  {
    codes: ['open-order-wrong'],
    what: 'an order that was paid is listed as open',
    how: ({ late }) =>
      `insert into open_orders (order_no, channel, next_query_at) values ('${late.orderNo}', 'bank', 0)`,
  },
  {
    codes: ['day-total-wrong'],
    what: 'a merchant’s day counts a payment too many, to lift a share',
    how: () => `update day_totals set orders = orders + 1 where channel = 'bank'`,
  },
  {
    codes: ['day-total-wrong'],
    what: 'what a branch bore goes to another branch’s count',
    how: () => `update day_totals set branch_code = 'B-West' where campaign_id <> ''`,
  },
  {
    codes: ['day-total-wrong'],
    what: 'a refund is counted no more',
    how: () => 'update day_totals set returned_fen = 0',
  },
  {
    codes: ['day-total-wrong'],
    what: 'a merchant’s day is counted no more',
    how: () => 'delete from day_totals',
  },
  {
    codes: ['share-day-wrong'],
    what: 'a merchant’s day has more orders of the bank’s own, to lift a share',
    how: () => 'update share_days set own = own + 1, orders = orders + 1',
  },
  {
    codes: ['share-day-wrong'],
    what: 'what a merchant was paid before a day is forgotten, so that the day looks like all of it',
    how: () => 'update share_days set orders_before = orders_before - 1',
  },
  {
    codes: ['campaign-day-wrong'],
    what: 'a campaign’s day is summed as more than was paid, to show a report',
    how: () => `
      insert into campaign_day_sums (business_date, campaign_id) select distinct business_date, campaign_id from counted_campaign_day_orders;
      insert into campaign_day_orders select business_date, campaign_id, branch_code, gl_account, channel, orders + 1, discounts,
        discount_fen, payer_discount_fen, merchant_reward_fen, returned_fen from counted_campaign_day_orders`,
  },
  {
    codes: ['campaign-day-wrong'],
    what: 'a campaign’s day is summed as if nothing had been',
    how: () =>
      'insert into campaign_day_sums (business_date, campaign_id) select distinct business_date, campaign_id from counted_campaign_day_orders',
  },
]

import type { Tampering } from './proof-tamperings'

/** With what is counted and summed beside the books, which reports are read from. */
export const COUNT_TAMPERINGS: Tampering[] = [
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

import { type Expression, sql as raw, type SqlBool } from 'kysely'

/** Orders and refunds as the desk reads them, of `orders o`, `refunds r` and `merchants m`. */

export const NEWEST = raw`order by o.business_date desc, o.created_at desc, o.order_no desc`

/** Who paid and from where is left in the table. */
export const ORDER = raw`
  o.order_no as "orderNo", o.state, o.merchant_code as "merchantCode", coalesce(m.name, o.merchant_code) as "merchantName",
  o.business_date as "businessDate", o.channel, o.channel_trade_no as "channelTradeNo", o.amount_fen as "amountFen",
  o.discount_fen as "discountFen", o.payer_discount_fen as "payerDiscountFen",
  o.merchant_reward_fen as "merchantRewardFen", o.payable_fen as "payableFen",
  o.merchant_receives_fen as "merchantReceivesFen", o.campaign_id as "campaignId", o.slot, o.gl_account as "glAccount",
  o.created_at as "createdAt", o.ended_at as "endedAt", o.close_reason as "closeReason", o.reason, o.verification,
  coalesce((
    select sum(r.payer_fen) from refunds r
    where r.order_no = o.order_no and r.state = 'refunded' and r.difference_id is null
  ), 0)::bigint as "payerRefundedFen"`

export const REFUND = raw`
  r.refund_no as "refundNo", r.order_no as "orderNo", r.merchant_code as "merchantCode",
  coalesce(m.name, r.merchant_code) as "merchantName", r.state, r.payer_fen as "payerFen", r.merchant_fen as "merchantFen",
  r.gl_fen as "glFen", r.reason, r.business_date as "businessDate", r.created_at as "createdAt", r.ended_at as "endedAt",
  r.fail_reason as "failReason", r.channel,
  case when r.state = 'refunding' then (
    select e.outcome ->> 'code' from refund_events e where e.refund_no = r.refund_no and e.kind = 'noted'
    order by e.event_id desc limit 1
  ) end as "lastCode"`

export function all(conditions: (Expression<unknown> | false | undefined)[]) {
  const given = conditions.filter((one): one is Expression<unknown> => Boolean(one))
  return given.length === 0 ? raw<SqlBool>`true` : raw<SqlBool>`${raw.join(given, raw` and `)}`
}

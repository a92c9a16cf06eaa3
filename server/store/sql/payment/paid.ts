/**
 * SQL to select from: `order_no`, `at` (ms) and `trade_no` of each payment, by the event that ended its order. All three are as the order has
 * them (`ended_at`, `channel_trade_no`), which the audit holds against it (`state-not-from-events`). Orders are found by the times and the
 * numbers of events, since an ending of an order that had indexes of them would write all that there are of it.
 */
export const PAID = `(
    select order_no, at, outcome ->> 'channelTradeNo' as trade_no from order_events where kind = 'paid'
  )`

import type { Scope } from './scope'

/** What stays in the ledger of days whose orders are in files (archive/). */

/** Each day that the log says was archived is, in the same file; and none is of which it says nothing. */
export const ARCHIVE_DIFFERS = `
  select 'archive of ' || coalesce(d.business_date::text, substr(a.subject, length('ledger/') + 1)) as subject,
    case when a.action_id is null then 'was archived, of which the log knows nothing'
      when d.business_date is null then 'was archived by the log (action ' || a.action_id || '), of which the ledger knows nothing'
      else 'should be ' || (a.after ->> 'file') || ' with ' || (a.after ->> 'orders') || ' orders, ' || (a.after ->> 'sha256') || ', is '
        || d.file || ' with ' || d.orders || ', ' || d.sha256 end as detail
  from archived_days d
  full join (select * from operator_actions where action = 'ledger.archive') a on a.subject = 'ledger/' || d.business_date
  where (d.file, d.orders::text, d.sha256, d.bytes::text)
    is distinct from (a.after ->> 'file', a.after ->> 'orders', a.after ->> 'sha256', a.after ->> 'bytes')
  order by 1`

/** What was summed of the orders that went, and those that stayed, come to what was counted of the day when all were there. */
export const ARCHIVED_SUMS_WRONG = ({ archivedBefore }: Scope) => `
  with counted as (
    select merchant_code, business_date, channel, sum(orders)::bigint as orders, sum(amount_fen)::bigint as amount_fen,
      sum(merchant_reward_fen)::bigint as reward_fen, sum(amount_fen + merchant_reward_fen)::bigint as credited_fen
    from day_totals where ${archivedBefore === null ? 'false' : `business_date < date '${archivedBefore}'`}
    group by 1, 2, 3 having sum(orders) > 0
  ), kept as (
    select merchant_code, business_date, channel, sum(orders)::bigint as orders, sum(amount_fen)::bigint as amount_fen,
      sum(reward_fen)::bigint as reward_fen, sum(credited_fen)::bigint as credited_fen
    from (
      select merchant_code, business_date, channel, orders, amount_fen, reward_fen, credited_fen from archived_merchant_days
      union all
      select merchant_code, business_date, channel, 1, amount_fen, merchant_reward_fen, merchant_receives_fen from orders
      where state = 'paid' and ${archivedBefore === null ? 'false' : `business_date < date '${archivedBefore}'`}
    ) k
    group by 1, 2, 3
  )
  select 'archived day ' || concat_ws('/', merchant_code, business_date, channel) as subject,
    'should be ' || coalesce(c.orders, 0) || ' orders of ' || coalesce(c.amount_fen, 0) || ' with ' || coalesce(c.reward_fen, 0)
      || ', is ' || coalesce(k.orders, 0) || ' of ' || coalesce(k.amount_fen, 0) || ' with ' || coalesce(k.reward_fen, 0) as detail
  from counted c full join kept k using (merchant_code, business_date, channel)
  where (c.orders, c.amount_fen, c.reward_fen, c.credited_fen) is distinct from (k.orders, k.amount_fen, k.reward_fen, k.credited_fen)
  order by 1`

import type { Order } from '../../../domain/order'
import type { MerchantDaySums, Settlement } from '../../../domain/settlement'
import type { Sql, Statement } from '../open-sql'
import { orderColumns, orderOf } from '../rows'
import type { OrderRow } from '../tables'
import { pageAfter, pageOf } from './page'

/**
 * SQL for the {@link Settlement}s of a merchant's date, both given as SQL. Orders count on their own day and refunds on theirs, each at the channel and the account of its order, as in the channel's books; a
 * past day never changes. A correction's refund gives back a booking that never counted. Of archived orders the sums count; `withArchived`
 * false: they don't, for whoever reads those orders themselves. `ofBranch`, as SQL: only what is that branch's; of archived orders nobody kept whose
 * they were, so they count where by the day's counts all were its.
 */
export const settlementsOf = (
  merchantCode: string,
  businessDate: string,
  { withArchived = true, ofBranch }: { withArchived?: boolean; ofBranch?: string } = {},
): string => {
  const counted = (whose: string) => `exists (select from day_totals t where t.merchant_code = ${merchantCode}
          and t.business_date = ${businessDate} and t.orders > 0 and t.branch_code ${whose} ${ofBranch})`
  return `
    select channel, merchant_account as account, sum(orders)::integer as "orderCount", sum(amount_fen)::bigint as "amountFen",
      sum(rewards)::integer as "rewardCount", sum(reward_fen)::bigint as "rewardFen", sum(refunds)::integer as "refundCount",
      sum(refunded_fen)::bigint as "refundedFen", (sum(credited_fen) - sum(refunded_fen))::bigint as "receivedFen"
    from (
      select channel, merchant_account, count(*) as orders, sum(amount_fen) as amount_fen,
        count(*) filter (where merchant_reward_fen > 0) as rewards, sum(merchant_reward_fen) as reward_fen, 0 as refunds,
        0 as refunded_fen, sum(merchant_receives_fen) as credited_fen
      from orders where merchant_code = ${merchantCode} and business_date = ${businessDate} and state = 'paid'
        ${ofBranch ? `and branch_code = ${ofBranch}` : ''}
      group by 1, 2
      union all
      select o.channel, o.merchant_account, 0, 0, 0, 0, count(*), sum(r.merchant_fen), 0
      from refunds r join orders o on o.order_no = r.order_no
      where r.merchant_code = ${merchantCode} and r.business_date = ${businessDate} and r.state = 'refunded' and r.difference_id is null
        ${ofBranch ? `and o.branch_code = ${ofBranch}` : ''}
      group by 1, 2${
        withArchived
          ? `
      union all
      select channel, merchant_account, orders, amount_fen, rewards, reward_fen, 0, 0, credited_fen
      from archived_merchant_days where merchant_code = ${merchantCode} and business_date = ${businessDate}
        ${ofBranch ? `and ${counted('=')} and not ${counted('<>')}` : ''}`
          : ''
      }
    ) parts
    group by 1, 2
    order by 1, 2`
}

const SETTLEMENTS: Statement = { name: 'merchant-settlements', text: settlementsOf('$1', '$2') }
const OF_BRANCH: Statement = {
  name: 'merchant-settlements-of-branch',
  text: settlementsOf('$1', '$2', { ofBranch: '$3' }),
}

/** Of the paid orders and the refunds of one business date, wherever the orders are by now. */
export const merchantSettlements = (
  sql: Sql,
  merchantCode: string,
  businessDate: string,
  branchCode: string | null = null,
): Promise<Settlement[]> =>
  branchCode === null
    ? sql.run<Settlement>(SETTLEMENTS, [merchantCode, businessDate])
    : sql.run<Settlement>(OF_BRANCH, [merchantCode, businessDate, branchCode])

const DAYS: Statement = {
  name: 'merchant-days',
  text: `
    select business_date as "businessDate", sum(orders)::integer as "orderCount", sum(amount_fen)::bigint as "amountFen",
      sum(rewards)::integer as "rewardCount", sum(reward_fen)::bigint as "rewardFen", sum(refunds)::integer as "refundCount",
      sum(refunded_fen)::bigint as "refundedFen", (sum(credited_fen) - sum(refunded_fen))::bigint as "receivedFen"
    from (
      select business_date, count(*) as orders, sum(amount_fen) as amount_fen,
        count(*) filter (where merchant_reward_fen > 0) as rewards, sum(merchant_reward_fen) as reward_fen, 0 as refunds,
        0 as refunded_fen, sum(merchant_receives_fen) as credited_fen
      from orders where merchant_code = $1 and business_date between $2 and $3 and state = 'paid'
      group by 1
      union all
      select business_date, 0, 0, 0, 0, count(*), sum(merchant_fen), 0
      from refunds
      where merchant_code = $1 and business_date between $2 and $3 and state = 'refunded' and difference_id is null
      group by 1
      union all
      select business_date, orders, amount_fen, rewards, reward_fen, 0, 0, credited_fen
      from archived_merchant_days where merchant_code = $1 and business_date between $2 and $3
    ) parts
    group by 1
    order by 1`,
}

/** Of the paid orders and the refunds of each day of a period; by the same rule as {@link merchantSettlements}. */
export const merchantDays = (sql: Sql, merchantCode: string, from: string, to: string): Promise<MerchantDaySums[]> =>
  sql.run<MerchantDaySums>(DAYS, [merchantCode, from, to])

const PAGE: Statement = {
  name: 'merchant-orders',
  text: `
    select ${orderColumns()} from orders
    where merchant_code = $1 and business_date = $2 and state = 'paid'
      and (ended_at, order_no) < ($3::bigint, $4::text)
    order by ended_at desc, order_no desc
    limit $5::integer`,
}

/**
 * Paid orders of the day, the last to be paid first. The cursor is `<paid at, ms>.<order number>` of a page's last order;
 * after a cursor that is none of ours comes nothing.
 */
export async function merchantOrders(
  sql: Sql,
  merchantCode: string,
  businessDate: string,
  cursor: string | undefined,
  limit: number,
): Promise<{ items: Order[]; nextCursor?: string }> {
  const after = pageAfter(cursor)
  if (!after) return { items: [] }
  const values = [merchantCode, businessDate, after.at, after.orderNo, limit + 1]
  return pageOf((await sql.run<OrderRow>(PAGE, values)).map(orderOf), limit, (order) => order.endedAt)
}

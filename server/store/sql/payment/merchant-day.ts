import type { Order } from '../../../domain/order'
import type { MerchantSummary } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'
import { orderColumns, orderOf } from '../rows'
import type { OrderRow } from '../tables'
import { pageAfter, pageOf } from './page'

/**
 * Orders count on their own day and refunds on theirs, as in the bank's books; a past day never changes. A correction's refund
 * gives back a booking that never counted.
 */
const SUMMARY: Statement = {
  name: 'merchant-summary',
  text: `
    select p.*, r.*, p."creditedFen" - r."refundedFen" as "receivedFen"
    from (
      select
        count(*) as "orderCount",
        coalesce(sum(amount_fen), 0)::bigint as "amountFen",
        count(*) filter (where merchant_reward_fen > 0) as "rewardCount",
        coalesce(sum(merchant_reward_fen), 0)::bigint as "rewardFen",
        coalesce(sum(merchant_receives_fen), 0)::bigint as "creditedFen"
      from orders where merchant_code = $1 and business_date = $2 and state = 'paid'
    ) p, (
      select count(*) as "refundCount", coalesce(sum(merchant_fen), 0)::bigint as "refundedFen"
      from refunds where merchant_code = $1 and business_date = $2 and state = 'refunded' and difference_id is null
    ) r`,
}

/** Counts and fen of the paid orders and of the refunds of one business date. */
export async function merchantSummary(sql: Sql, merchantCode: string, businessDate: string): Promise<MerchantSummary> {
  const [row] = await sql.run<MerchantSummary & { creditedFen: number }>(SUMMARY, [merchantCode, businessDate])
  const { creditedFen: _, ...summary } = row!
  return summary
}

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

import type { Order } from '../../../domain/order'
import type { MerchantSummary } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'
import { orderColumns, orderOf } from '../rows'
import type { OrderRow } from '../tables'

/** Orders count on their own day and refunds on theirs, as in the bank's books; a past day never changes. */
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
      from refunds where merchant_code = $1 and business_date = $2 and state = 'refunded'
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
      and ($3::bigint is null or (ended_at, order_no) < ($3::bigint, $4::text))
    order by ended_at desc, order_no desc
    limit $5::integer`,
}

const CURSOR = /^(\d{1,15})\.(\S{1,64})$/

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
  const [, endedAt, orderNo] = (cursor !== undefined && CURSOR.exec(cursor)) || []
  if (cursor !== undefined && endedAt === undefined) return { items: [] }
  // one more than asked for tells whether there is a next page
  const values = [merchantCode, businessDate, endedAt ?? null, orderNo ?? null, limit + 1]
  const rows = await sql.run<OrderRow>(PAGE, values)
  const items = rows.slice(0, limit).map(orderOf)
  const last = items.at(-1)
  return rows.length > limit && last ? { items, nextCursor: `${last.endedAt}.${last.orderNo}` } : { items }
}

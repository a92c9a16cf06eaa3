import type { ChannelName } from '../../../domain/channel'
import type { Savings } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'

const SPENT: Statement = {
  name: 'payer-day',
  text: `select channel, spent_fen from payer_days where payer_id = $1 and business_date = $2::date`,
}

/**
 * `savedFen` of domain/refund.ts; whole numbers are divided downwards. A refund of a difference gave back what was no payment. Of archived
 * orders, which were never refunded, the sum was kept.
 */
const SAVINGS: Statement = {
  name: 'payer-savings',
  text: `
    select coalesce(sum(orders), 0)::integer as "orderCount", coalesce(sum(saved_fen), 0)::bigint as "savedFen" from (
      select 1 as orders, o.payer_discount_fen - o.payer_discount_fen::bigint * coalesce(back.fen, 0) / o.payable_fen as saved_fen
      from orders o left join lateral (
        select sum(r.payer_fen)::bigint as fen from refunds r
        where r.order_no = o.order_no and r.state = 'refunded' and r.difference_id is null
      ) back on true
      where o.payer_id = $1 and o.state = 'paid' and o.payer_discount_fen > 0
      union all
      select orders, saved_fen from archived_savings where payer_id = $1
    ) saved where saved_fen > 0`,
}

/** What counts of a payer's day against its limits. */
export async function spentOn(sql: Sql, payerId: string, businessDate: string): Promise<Map<ChannelName, number>> {
  const rows = await sql.run<{ channel: ChannelName; spent_fen: number }>(SPENT, [payerId, businessDate])
  return new Map(rows.map(({ channel, spent_fen }) => [channel, spent_fen]))
}

export async function savings(sql: Sql, payerId: string): Promise<Savings> {
  const [sums] = await sql.run<Savings>(SAVINGS, [payerId])
  return sums!
}

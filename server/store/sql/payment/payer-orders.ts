import type { Order } from '../../../domain/order'
import type { WhichOrders } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'
import { orderColumns, orderOf } from '../rows'
import type { OrderRow } from '../tables'
import { pageAfter, pageOf } from './page'

/**
 * $1 payer, $2–$3 after which place, $4 opened from, $5 merchant, $6 state, $7 paid from. Both bounds of `created_at` are
 * always given, so that the index `orders_of_payer` is entered at one and left at the other: a page before each payment
 * doesn't grow with what its payer has paid in years. (A `case`, because no index serves it: by statistics that end
 * before the last minutes, all that everybody paid in them looks like one row to go through.)
 */
const PAGE: Statement = {
  name: 'payer-orders',
  text: `
    select ${orderColumns()} from orders
    where payer_id = $1 and (created_at, order_no) < ($2::bigint, $3::text) and created_at >= $4::bigint
      and ($5::text is null or merchant_code = $5::text)
      and ($6::text is null or state = $6::text)
      and ($7::bigint is null or case state when 'paying' then true when 'paid' then ended_at >= $7::bigint else false end)
    order by created_at desc, order_no desc
    limit $8::integer`,
}

/**
 * A payer's own orders, the last to be opened first. The cursor is `<opened at, ms>.<order number>` of a page's last order;
 * after a cursor that is none of ours comes nothing.
 */
export async function payerOrders(
  sql: Sql,
  payerId: string,
  { merchantCode, state, recent }: WhichOrders,
  cursor: string | undefined,
  limit: number,
): Promise<{ items: Order[]; nextCursor?: string }> {
  const after = pageAfter(cursor)
  if (!after) return { items: [] }
  const which = [recent?.openedFrom ?? 0, merchantCode ?? null, state ?? null, recent?.paidFrom ?? null]
  const rows = await sql.run<OrderRow>(PAGE, [payerId, after.at, after.orderNo, ...which, limit + 1])
  return pageOf(rows.map(orderOf), limit, (order) => order.createdAt)
}

import type { Order } from '../../../domain/order'
import { isDue, LONGEST_WAIT_MS } from '../due'
import type { Sql, Statement } from '../open-sql'
import { orderColumns, orderOf } from '../rows'
import type { OrderRow } from '../tables'
import { claimable } from './open-orders'

/**
 * Whoever closes an order gives its slot back in that instant; after so long everybody who may have confirmed it meanwhile is done, or
 * dead, and it is given back for good.
 */
export const RETURN_AFTER_MS = 5_000
/** Redis may be away for longer; nothing but an unused discount waits for it. */
const RETRY_MS = 10_000

/** $1 now, $2 how many, $3 how long a sweeper's claim is at the most. As in claim-due.ts, claiming moves the row away from other sweepers. */
const CLAIM: Statement = {
  name: 'claim-slot-returns',
  text: `
    with due as materialized (
${claimable({
  due: isDue('slot_return_at', '$1::bigint', `$3::bigint + ${LONGEST_WAIT_MS}`),
  at: 'slot_return_at',
  limit: '$2::integer',
})}
    )
    update orders o set slot_return_at = $1::bigint + ${RETRY_MS}
    from due where o.order_no = due.order_no
    returning ${orderColumns('o')}`,
}

/** $1 order, $2 for good: takes the mark away. Tells who holds the slot now, by another order that isn't closed. */
const RETURNED: Statement = {
  name: 'slot-returned',
  text: `
    with returned as (
      update orders set slot_return_at = case when $2::boolean then null else slot_return_at end
      where order_no = $1::text
      returning campaign_id, merchant_code, deck_date, slot
    )
    select o.payer_id from orders o join returned using (campaign_id, merchant_code, deck_date, slot)
    where o.slot is not null and o.state <> 'closed'`,
}

/** Hands out closed orders whose slot is still to be given back, each to one claimer. `now` in ms. */
export async function claimReturns(sql: Sql, now: number, limit: number, claimMs = 0): Promise<Order[]> {
  return (await sql.run<OrderRow>(CLAIM, [now, limit, claimMs])).map(orderOf)
}

export async function slotReturned(sql: Sql, orderNo: string, forGood: boolean): Promise<string | null> {
  const [holder] = await sql.run<{ payer_id: string }>(RETURNED, [orderNo, forGood])
  return holder?.payer_id ?? null
}

import type { Endless } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'
import { PAYING_ORDERS } from '../payment/open-orders'
import { ORDER_HELD, ORDER_THROUGH, REFUND_HELD, REFUND_THROUGH } from './unbooked'

const next = (kind: Endless['kind'], id: string, through: string, held: string) => `case
      when exists (select 1 from change_requests c where c.kind = '${kind}.end' and c.subject = '${kind}/' || ${id} and c.state = 'open')
        then 'review'
      when ${through} and not ${held} then 'end'
      else 'ask' end as next`

/** $1 made before, $2 how many. Driven by what is open, which is little. */
const ENDLESS: Statement = {
  name: 'endless',
  text: `
    select 'order' as kind, o.order_no as id, o.order_no as "orderNo", o.channel, o.business_date as "businessDate",
      o.payable_fen as fen, o.created_at as since, ${next('order', 'o.order_no', ORDER_THROUGH, ORDER_HELD)}
    from ${PAYING_ORDERS} o where o.created_at < $1::bigint
    union all
    select 'refund', r.refund_no, r.order_no, o.channel, r.business_date, r.payer_fen, r.created_at,
      ${next('refund', 'r.refund_no', REFUND_THROUGH, REFUND_HELD)}
    from refunds r join orders o on o.order_no = r.order_no
    where r.state = 'refunding' and r.created_at < $1::bigint
    order by since, id limit $2::integer`,
}

export function endless(sql: Sql, before: number, limit: number): Promise<Endless[]> {
  return sql.run<Endless>(ENDLESS, [before, limit])
}

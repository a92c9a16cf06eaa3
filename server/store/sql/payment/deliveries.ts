import type { Deliveries, DueDelivery } from '../../../flow/ports'
import { isDue } from '../due'
import type { Sql, Statement } from '../open-sql'
import { LAST_MS, paidOrders, paidReach } from './paid'

const PLANNED = `o.channel = 'wechatpay' and starts_with(o.payer_ref, $2::text)
      and not exists (select from deliveries d where d.order_no = o.order_no)`

/** $1 paid from, ms; $2 how the payer's reference begins; $3 how many of what was paid to look through. Another process may be at the same. */
const PLAN: Statement = {
  name: 'plan-deliveries',
  text: `
    with reach as materialized (
      select ${paidReach({ from: '$1::bigint', to: `${LAST_MS}::bigint`, limit: '$3::integer' })} as reach
    ), planned as (
      insert into deliveries (order_no, paid_at, state, next_at)
      select order_no, at, 'due', at from ${paidOrders({ from: '$1::bigint', to: '(select reach from reach)', where: () => PLANNED })} o
      on conflict do nothing
      returning order_no
    )
    select (select count(*) from planned) as planned, nullif((select reach from reach), ${LAST_MS}::bigint) as "upTo"`,
}

const LONGEST_PAUSE_MS = 3_600_000

/** $1 now, $2 how many. Claiming moves the next turn away in the same statement: a claimer that dies only delays it. */
const CLAIM: Statement = {
  name: 'claim-deliveries',
  text: `
    with due as materialized (
      select order_no from deliveries
      where state = 'due' and ${isDue('next_at', '$1::bigint', 2 * LONGEST_PAUSE_MS)}
      order by next_at limit $2::integer for update skip locked
    )
    update deliveries d
    set attempts = d.attempts + 1,
        next_at = $1::bigint + least(2000::bigint << least(d.attempts, 20), ${LONGEST_PAUSE_MS})
    from due, orders o left join merchants m on m.merchant_code = o.merchant_code
    where d.order_no = due.order_no and o.order_no = due.order_no
    returning d.order_no as "orderNo", d.paid_at as "paidAt", d.late_told as "lateTold",
      o.channel_trade_no as "transactionId", o.payer_ref as "payerRef", coalesce(m.name, '商家') as "merchantName"`,
}

const NOTE: Statement = {
  name: 'note-delivery',
  text: `
    update deliveries
    set state = $2::text, code = $3::text, late_told = $4::boolean,
        next_at = case when $2::text = 'due' then next_at end,
        ended_at = case when $2::text = 'due' then null else $5::bigint end
    where order_no = $1::text and state = 'due'`,
}

/** The {@link Deliveries} on PostgreSQL. */
export function sqlDeliveries(sql: Sql): Deliveries {
  return {
    async plan({ paidFrom, payerRefPrefix, look }) {
      const [done] = await sql.run<{ planned: number; upTo: number | null }>(PLAN, [paidFrom, payerRefPrefix, look])
      return { planned: done!.planned, upTo: done!.upTo ?? undefined }
    },
    claim: (now, limit) => sql.run<DueDelivery & Record<string, unknown>>(CLAIM, [now, limit]),
    async note(orderNo, { state, code, lateTold, at }) {
      await sql.run(NOTE, [orderNo, state, code, lateTold, at])
    },
  }
}

import { type Kysely, sql as raw } from 'kysely'
import { clawBackShares } from '../../../domain/refund'
import type { Suspicions } from '../../../flow/ports'
import type { Tables } from '../tables'

interface Row {
  orderNo: string
  merchantRewardFen: number
  payableFen: number
  discountFen: number
  payerFen: number
  glFen: number
  clawed: boolean
}

/**
 * What of each order's reward its merchant still has; an order that has none left, or is none of the campaign's at the merchant, is
 * left out. `lock`: nothing of it is refunded until the transaction is over.
 */
export async function clawable(
  db: Kysely<Tables>,
  { campaignId, merchantCode, orderNos, lock }: Parameters<Suspicions['clawable']>[0] & { lock: boolean },
): Promise<Map<string, number>> {
  if (lock)
    await raw`select 1 from orders where order_no = any(${orderNos}::text[]) order by order_no for no key update`.execute(
      db,
    )
  const { rows } = await raw<Row>`
    select o.order_no as "orderNo", o.merchant_reward_fen as "merchantRewardFen", o.payable_fen as "payableFen",
      o.discount_fen as "discountFen", coalesce(sum(r.payer_fen), 0)::bigint as "payerFen",
      coalesce(sum(r.gl_fen), 0)::bigint as "glFen", coalesce(bool_or(r.payer_fen = 0), false) as clawed
    from orders o left join refunds r on r.order_no = o.order_no and r.state <> 'failed' and r.difference_id is null
    where o.order_no = any(${orderNos}::text[]) and o.state = 'paid' and o.campaign_id = ${campaignId}
      and o.merchant_code = ${merchantCode}
    group by o.order_no`.execute(db)
  return new Map(
    rows.flatMap((row): [string, number][] => {
      const shares = clawBackShares(row, row, row.clawed)
      return shares ? [[row.orderNo, shares.merchantFen]] : []
    }),
  )
}

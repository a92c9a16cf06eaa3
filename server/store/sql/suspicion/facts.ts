import { DAY_MS, endOfBusinessDate } from '../../../domain/business-date'
import { OWN_CHANNEL } from '../../../domain/channel'
import { type CardOrder, LOOK_BACK_DAYS, type MerchantDay } from '../../../domain/suspicion'
import type { Suspicions } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'

/** $1 date. One look into the index of decks for each campaign there is. */
const CAMPAIGNS: Statement = {
  name: 'suspicion-campaigns',
  text: `
    select c.campaign_id as "campaignId", (c.rule->>'thresholdFen')::bigint as "thresholdFen" from campaigns c
    where exists (select 1 from decks d where d.campaign_id = c.campaign_id and d.business_date = $1::date)
    order by c.campaign_id`,
}

/** $1 campaign, $2 date, $3 after, $4 how many. */
const MERCHANTS: Statement = {
  name: 'suspicion-merchants',
  text: `
    select merchant_code from decks where campaign_id = $1 and business_date = $2::date and merchant_code > $3
    order by merchant_code limit $4`,
}

/** Who pays more often in four weeks is known well enough by so many of their last orders. */
const LAST_ORDERS = 200

/**
 * $1 campaign, $2 date, $3 merchants, $4 and $5 from when and until when payers are looked at, ms. The orders through the unique
 * index of slots, a payer's other orders through theirs: it costs the same however many years lie behind it. Planned anew each
 * time, since it reads much of tables that grow from nothing.
 */
const ORDERS: Statement = {
  name: 'suspicion-orders',
  replan: true,
  text: `
    select o.merchant_code as "merchantCode", o.order_no as "orderNo", o.payer_id as "payerId", o.created_at as "createdAt",
      o.amount_fen as "amountFen", o.payable_fen as "payableFen", o.address_hash as "addressHash", o.device_hash as "deviceHash",
      coalesce((
        select sum(r.payer_fen) from refunds r
        where r.order_no = o.order_no and r.state = 'refunded' and r.difference_id is null
      ), 0)::bigint as "refundedFen",
      p.days_here as "daysHere", p.merchants, p.orders as "ordersAnywhere"
    from orders o
    cross join lateral (
      select count(distinct l.business_date) filter (where l.merchant_code = o.merchant_code and l.slot is not null) as days_here,
        count(distinct l.merchant_code) as merchants, count(*) as orders
      from (
        select merchant_code, business_date, slot from orders
        where payer_id = o.payer_id and created_at >= $4 and created_at < $5 and state = 'paid' and channel = '${OWN_CHANNEL}'
        order by created_at desc limit ${LAST_ORDERS}
      ) l
    ) p
    where o.campaign_id = $1 and o.merchant_code = any($3::text[]) and o.deck_date = $2::date and o.slot is not null
      and o.state <> 'closed' and o.state = 'paid'
    order by o.merchant_code, o.created_at, o.order_no`,
}

export async function campaignsOn(sql: Sql, date: string) {
  return sql.run<{ campaignId: string; thresholdFen: number }>(CAMPAIGNS, [date])
}

export async function merchantsOn(sql: Sql, campaignId: string, date: string, after: string, limit: number) {
  const rows = await sql.run<{ merchant_code: string }>(MERCHANTS, [campaignId, date, after, limit])
  return rows.map((row) => row.merchant_code)
}

export async function merchantDays(
  sql: Sql,
  { campaignId, date, merchantCodes, thresholdFen }: Parameters<Suspicions['merchantDays']>[0],
): Promise<MerchantDay[]> {
  // A card of the day may be paid a while after its midnight.
  const until = endOfBusinessDate(date) + DAY_MS
  const values = [campaignId, date, merchantCodes, until - (LOOK_BACK_DAYS + 1) * DAY_MS, until]
  const rows = await sql.run<CardOrder & { merchantCode: string }>(ORDERS, values)
  const days = new Map<string, CardOrder[]>()
  for (const { merchantCode, ...order } of rows) {
    const orders = days.get(merchantCode) ?? []
    days.set(merchantCode, orders)
    orders.push(order)
  }
  return [...days].map(([merchantCode, orders]) => ({ merchantCode, thresholdFen, orders }))
}

import { sql as raw } from 'kysely'
import { DAY_MS, endOfBusinessDate } from '../../../domain/business-date'
import type { Around, DeskOrder, OrderDesk, Stop } from '../../../flow/ports'
import type { Sql } from '../open-sql'
import { cardsIn } from '../rows'
import { ORDER } from './order-rows'

/** Deeds after which discounts stop, or go on. */
const STOPS = raw.raw(`(
  a.action in ('brake.pull', 'merchant.pause', 'campaign.pause', 'campaign.start', 'campaign.finish')
  or a.action = 'change.apply' and a.after ->> 'kind' in ('brake.release', 'merchant.resume')
  or a.action = 'campaign.approve' and a.after ->> 'kind' in ('launch', 'resume', 'end')
  or a.action = 'campaign.reject' and a.after ->> 'kind' = 'pause')`)

/** So many of one subject and day. */
const MOST_STOPS = 50

type Asked = Parameters<OrderDesk['around']>[0]

/** What happened around an order, for whoever answers why it went as it did. All of it by the merchant's, the deck's and the log's indices. */
export async function aroundOrder(sql: Sql, order: DeskOrder, asked: Asked): Promise<Around> {
  const until = order.createdAt + asked.withinMs
  const [near, decks, stops] = [
    await nearest(sql, order, asked),
    await decksThen(sql, order, asked),
    await stopsUntil(sql, order, until),
  ]
  const orders = near.slice(0, asked.limit - 1).sort((a, b) => a.createdAt - b.createdAt)
  return { from: order.createdAt - asked.withinMs, until, decks, stops, orders, whole: near.length < asked.limit }
}

/** The merchant's orders that are nearest to it, itself among them. */
async function nearest({ db }: Sql, order: DeskOrder, { branchCode, withinMs, limit }: Asked): Promise<DeskOrder[]> {
  const { merchantCode, businessDate: date, createdAt: at } = order
  // As in search.ts, the time is no column, so that the merchant's orders are read and not everybody's of those minutes.
  const { rows } = await raw<DeskOrder>`
    select ${ORDER} from (
      select o.* from orders o
      where o.merchant_code = ${merchantCode} and o.business_date between ${date}::date - 1 and ${date}::date + 1
        and (o.created_at + 0) between ${at - withinMs}::bigint and ${at + withinMs}::bigint
        and (${branchCode}::text is null or o.branch_code = ${branchCode})
      order by abs(o.created_at - ${at}::bigint) limit ${limit}
    ) o
    left join merchants m on m.merchant_code = o.merchant_code
    order by abs(o.created_at - ${at}::bigint) limit ${limit}`.execute(db)
  return rows
}

/** The decks of its day, as they were when it was made; a card of that day may be paid with until the day after. */
async function decksThen({ db }: Sql, order: DeskOrder, { branchCode }: Asked) {
  const { merchantCode, businessDate: date, createdAt: at } = order
  const { rows } = await raw<Around['decks'][number]>`
    select d.campaign_id as "campaignId", c.name as "campaignName", ${raw.raw(cardsIn('d'))} as cards, u.used, u.open,
      d.dealt_at as "dealtAt", d.closed_at as "closedAt"
    from decks d join campaigns c using (campaign_id)
    cross join lateral (
      select count(*) as used, count(*) filter (where o.state = 'paying' or o.ended_at > ${at}::bigint) as open
      from orders o
      where o.merchant_code = ${merchantCode} and o.business_date between ${date}::date and ${date}::date + 1
        and o.deck_date = ${date}::date and o.slot is not null and o.campaign_id = d.campaign_id and o.created_at <= ${at}::bigint
        and (o.state <> 'closed' or o.ended_at > ${at}::bigint)
    ) u
    where d.merchant_code = ${merchantCode} and d.business_date = ${date}::date
      and (${branchCode}::text is null or d.branch_code = ${branchCode})
      and d.campaign_id in (select campaign_id from campaign_merchants where merchant_code = ${merchantCode})
    order by d.campaign_id`.execute(db)
  return rows
}

/** Of everything, of the merchant, and of the campaigns that name it on the day. */
async function stopsUntil({ db }: Sql, { merchantCode, businessDate: date }: DeskOrder, until: number) {
  const midnight = endOfBusinessDate(date) - DAY_MS
  const deeds = raw`
    select a.action_id, a.at, a.username as by, a.action, a.subject, a.after ->> 'kind' as kind, a.after ->> 'note' as note
    from operator_actions a where a.subject = s.subject and ${STOPS}`
  const { rows } = await raw<Stop>`
    select a.at, a.by, a.action, a.subject, a.kind, a.note
    from (
      select 'brake/all' as subject union all select ${`merchant/${merchantCode}`}::text
      union all select 'campaign/' || campaign_id from campaign_merchants join campaigns using (campaign_id)
      where merchant_code = ${merchantCode} and ${date}::date between start_date and end_date
    ) s
    cross join lateral (
      (${deeds} and a.at >= ${midnight}::bigint and a.at <= ${until}::bigint order by a.action_id desc limit ${MOST_STOPS})
      union all (${deeds} and a.at < ${midnight}::bigint order by a.action_id desc limit 1)
    ) a
    order by a.action_id`.execute(db)
  return rows
}

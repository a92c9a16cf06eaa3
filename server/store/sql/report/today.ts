import { CompiledQuery, type Transaction } from 'kysely'
import { OWN_CHANNEL } from '../../../domain/channel'
import type { DayOrders, RunningCampaign, Today, TodayBooks } from '../../../flow/ports'
import { standsOn } from '../applies'
import { BRANCH_SHORT, campaignPaces } from '../campaign/day'
import { IN_SIGHT } from '../campaign/rows'
import type { Sql } from '../open-sql'
import { PAYING_ORDERS } from '../payment/open-orders'
import { cardsIn } from '../rows'
import type { Tables } from '../tables'

/**
 * The {@link Today} on PostgreSQL. A day's orders are read from its counts, one row for what a merchant was paid by one channel with
 * one campaign's cards, by the index that begins with the branch; its cards from its decks, each by the index that keeps the cap.
 */
export function sqlToday(sql: Sql): Today {
  return {
    read: ({ branchCode, dates, today, stuckBefore, limit }) =>
      sql.snapshot(async (tx): Promise<TodayBooks> => {
        const found = await ask<Omit<RunningCampaign, 'decks'>>(tx, RUNNING, [branchCode, today, limit])
        const ids = found.map(({ campaignId }) => campaignId)
        const decks = await ask<Cards>(tx, CARDS, [branchCode, today, ids])
        const [stuck] = await ask<TodayBooks['stuck']>(tx, STUCK, [branchCode, stuckBefore])
        return {
          days: await ask<DayOrders>(tx, ORDERS, [branchCode, dates]),
          campaigns: found.map((one) => ({ ...one, decks: decks.filter((of) => of.campaignId === one.campaignId) })),
          stuck: stuck!,
        }
      }),
    async paces(today, days) {
      const on = await sql.run<{ campaignId: string }>({ name: 'today-on', text: ON }, [today])
      return campaignPaces(
        sql,
        on.map(({ campaignId }) => campaignId),
        today,
        days,
      )
    },
  }
}

type Cards = RunningCampaign['decks'][number] & { campaignId: string }

async function ask<Row>(tx: Transaction<Tables>, text: string, values: unknown[]): Promise<Row[]> {
  return (await tx.executeQuery<Row>(CompiledQuery.raw(text, values))).rows
}

const ON = `select campaign_id as "campaignId" from campaigns c where c.deleted_at is null and ${standsOn('c', '$1')}`

/** Counts `t` of dates `which`, of the branch $1 or of all; those of orders from before branches were kept have none. */
const counts = (which: string) => `(
      select t.* from (
        select branch_code from branches where $1::text is null or branch_code = $1 union all select '' where $1::text is null
      ) b join day_totals t on t.branch_code = b.branch_code and ${which}
    ) t`

/** $1 branch or null, $2 dates. */
const ORDERS = `
  select t.business_date as "businessDate", sum(t.orders)::bigint as "orderCount",
    coalesce(sum(t.orders) filter (where t.channel = '${OWN_CHANNEL}'), 0)::bigint as "ownCount",
    coalesce(sum(t.orders) filter (where t.campaign_id <> ''), 0)::bigint as "discountCount",
    sum(t.amount_fen)::bigint as "amountFen", sum(t.discount_fen)::bigint as "discountFen"
  from ${counts('t.business_date = any($2::date[])')}
  group by 1 having sum(t.orders) > 0`

/** $1 branch or null, $2 today, $3 how many. */
const RUNNING = `
  with live as materialized (
    select c.campaign_id, c.name, c.end_date, c.rule, c.windows, c.budget_fen,
      case when c.state = 'paused' or exists (
        select 1 from brakes k where k.held and k.subject = 'campaign/' || c.campaign_id) then 'paused' else 'running' end as state
    from campaigns c where ${IN_SIGHT} and ${standsOn('c', '$2')}
    order by c.end_date, c.campaign_id limit $3::integer
  ), day as materialized (
    select t.merchant_code, t.campaign_id, t.channel, t.orders, t.discount_fen from ${counts('t.business_date = $2::date')}
  ), around as (
    select cm.campaign_id, sum(d.orders)::bigint as orders,
      coalesce(sum(d.orders) filter (where d.channel = '${OWN_CHANNEL}'), 0)::bigint as own
    from live l join campaign_merchants cm on cm.campaign_id = l.campaign_id join day d on d.merchant_code = cm.merchant_code
    group by 1
  ), given as (
    select campaign_id, sum(orders)::bigint as orders, sum(discount_fen)::bigint as fen from day where campaign_id <> '' group by 1
  )
  select l.campaign_id as "campaignId", l.name, l.state, l.end_date as "endDate", l.rule, l.windows, l.budget_fen as "budgetFen",
    coalesce(a.orders, 0) as "orderCount", coalesce(a.own, 0) as "ownCount",
    coalesce(g.orders, 0) as "discountCount", coalesce(g.fen, 0) as "discountFen",
    (select count(*) from deck_shortages s where s.campaign_id = l.campaign_id and s.business_date = $2::date
      and ($1::text is null or ${BRANCH_SHORT} = $1)) as short
  from live l left join around a using (campaign_id) left join given g using (campaign_id)
  order by l.end_date, l.campaign_id`

/** $1 branch or null, $2 today, $3 campaigns. */
const CARDS = `
  select d.campaign_id as "campaignId", d.cards as slots, count(*) as decks, sum(u.used)::bigint as used,
    count(*) filter (where u.used >= d.cards) as "soldOut"
  from (
    select campaign_id, merchant_code, business_date, ${cardsIn('d')} as cards from decks d
    where campaign_id = any($3::text[]) and business_date = $2::date and ($1::text is null or branch_code = $1)
  ) d cross join lateral (
    select count(*) as used from orders o
    where o.campaign_id = d.campaign_id and o.merchant_code = d.merchant_code
      and o.deck_date = d.business_date and o.slot is not null and o.state <> 'closed'
  ) u
  group by 1, 2 order by 1, 2`

/** $1 branch or null, $2 ms. Driven by what is open, which is little. */
const STUCK = `
  select count(*) as count, coalesce(sum(payable_fen), 0)::bigint as fen, min(created_at) as since from ${PAYING_ORDERS} o
  where created_at < $2::bigint and ($1::text is null or branch_code = $1)`

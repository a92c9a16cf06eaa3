import { type RawBuilder, sql as raw } from 'kysely'
import { NO_USE, type Use } from '../../../domain/effect'
import type { Dates, EffectBooks, Effects, PlannedCampaign, ReportScope, Stretches } from '../../../flow/ports'
import type { Sql } from '../open-sql'

/** The {@link Effects} on PostgreSQL, each in one statement, so in one snapshot. */
export function sqlEffects(sql: Sql): Effects {
  return {
    async planned({ campaignId, branchCode }) {
      const { rows } = await raw<PlannedCampaign>`
        select c.campaign_id as "campaignId", start_date as "startDate", coalesce((
          select (v.content ->> 'endDate')::date from campaign_versions v where v.campaign_id = c.campaign_id
          order by v.version limit 1), end_date) as "plannedEndDate",
          controls_draw as drawn
        from campaigns c
        where campaign_id = ${campaignId} and (${branchCode}::text is null or branch_code = ${branchCode} or exists (
          select 1 from campaign_merchants cm join merchants m using (merchant_code)
          where cm.campaign_id = c.campaign_id and m.branch_code = ${branchCode}))`.execute(sql.db)
      return rows[0]
    },
    async measure(scope, stretches) {
      const { rows } = await measured(scope, stretches).execute(sql.db)
      const { merchants, days, treated, control, ...beside } = rows[0]!
      return {
        merchants: usesOf(merchants, stretches.looks.length),
        days: daysOf(days),
        unknown: { treated, control },
        ...beside,
      }
    },
  }
}

/**
 * `measured`: the campaign's merchants and its controls as they were named at the start; one that was left out and joined later is a
 * control until that day. `wallet`: orders through other channels came through us before it began, so that we know them all.
 * `counted`: each day's orders of each, where all of them are known: what somebody `told` of the other channels goes for what came
 * through us. A merchant's day may be in several parts. Of a branch's, those are measured that had orders of no other branch meanwhile: these are
 * not its to read, and without them a move would look like an effect.
 */
function countedDays({ campaignId, branchCode }: ReportScope, { before, to }: Stretches): RawBuilder<unknown> {
  return raw`
    with named as (
      select merchant_code, false as control, null::date as until from campaign_merchants
      where campaign_id = ${campaignId} and entered_on is null
      union all
      select merchant_code, true, null from campaign_controls where campaign_id = ${campaignId}
      union all
      select merchant_code, true, entered_on from campaign_merchants
      where campaign_id = ${campaignId} and entered_on is not null and was_control
    ), measured as materialized (
      select n.*, exists (
        select 1 from share_days s where s.merchant_code = n.merchant_code and s.orders > s.own
          and s.business_date between ${before.from}::date and ${before.to}::date) as wallet
      from named n join merchants m using (merchant_code)
      where ${branchCode}::text is null or m.branch_code = ${branchCode} and not exists (
        select 1 from share_days s where s.merchant_code = n.merchant_code and s.orders > 0 and s.branch_code not in ('', ${branchCode})
          and s.business_date between ${before.from}::date and ${to}::date)
    ), told as materialized (
      select distinct on (merchant_code, business_date) merchant_code, business_date, orders as others from other_counts
      where merchant_code in (select merchant_code from measured)
        and business_date between ${before.from}::date and ${to}::date
      order by merchant_code, business_date, revision desc
    ), counted as (
      select m.merchant_code, m.control, s.business_date, s.own, case when t.others is null then s.orders else s.own end as orders
      from measured m join share_days s on s.merchant_code = m.merchant_code and s.business_date between ${before.from}::date and ${to}::date
      left join told t on t.merchant_code = s.merchant_code and t.business_date = s.business_date
      where (m.until is null or s.business_date < m.until) and (m.wallet or t.others is not null)
      union all
      select m.merchant_code, m.control, t.business_date, 0, t.others
      from measured m join told t using (merchant_code)
      where m.until is null or t.business_date < m.until
    )`
}

/** As JSON, since they are many and small: `[merchant code, control, stretch, orders, own]` and `[date, control, orders, own]`. */
interface Measured extends Pick<EffectBooks, 'joinedLater' | 'costFen'> {
  merchants: [code: string, control: boolean, stretch: number, orders: number, own: number][]
  days: [businessDate: string, control: boolean, orders: number, own: number][]
  /** merchants of which nothing is known */
  treated: number
  control: number
}

/** Each merchant's orders of each day are looked up once, and summed two ways at once. */
function measured(scope: ReportScope, stretches: Stretches): RawBuilder<Measured> {
  const { campaignId, branchCode } = scope
  const { before, looks } = stretches
  const after = (date: string) => raw`(${date}::date + 1)`
  const ends = raw.join([after(before.to), ...looks.map(after)])
  return raw<Measured>`
    ${countedDays(scope, stretches)}, sums as materialized (
      select merchant_code, stretch, business_date, control, sum(orders)::bigint as orders, sum(own)::bigint as own
      from (select *, width_bucket(business_date, array[${ends}]) as stretch from counted) c
      group by grouping sets ((merchant_code, control, stretch), (business_date, control))
    ), by_merchant as (
      select * from sums where merchant_code is not null
    ), by_day as (
      select * from sums where merchant_code is null
    ), silent as (
      select control from measured where merchant_code not in (select merchant_code from by_merchant)
    )
    select
      (select coalesce(json_agg(json_build_array(merchant_code, control, stretch, orders, own)), '[]') from by_merchant) as merchants,
      (select coalesce(json_agg(json_build_array(business_date, control, orders, own) order by business_date), '[]') from by_day) as days,
      (select count(*) from silent where not control) as treated, (select count(*) from silent where control) as control,
      (select count(*) from campaign_merchants cm join merchants m using (merchant_code)
        where cm.campaign_id = ${campaignId} and cm.entered_on is not null
          and (${branchCode}::text is null or m.branch_code = ${branchCode})) as "joinedLater",
      (${costOf(scope, { from: before.to, to: looks.at(-1)! })})::bigint as "costFen"`
}

/**
 * What the discounts came to after `from`, of the merchants and days whose orders are counted and of no others: what an order more has cost is
 * their quotient. Where all orders of every merchant are known it is read from the days that are summed, and from merchants' days where
 * one isn't, but for those who joined later.
 */
function costOf({ campaignId, branchCode }: ReportScope, { from, to }: Dates): RawBuilder<number> {
  const cost = raw`coalesce(sum(t.discount_fen - t.returned_fen), 0)`
  const ofDates = raw`t.campaign_id = ${campaignId} and t.business_date between ${from}::date + 1 and ${to}::date`
  const known = raw<number>`
    select ${cost} from measured m join day_totals t on t.merchant_code = m.merchant_code
    left join told o on o.merchant_code = t.merchant_code and o.business_date = t.business_date
    where not m.control and (m.wallet or o.others is not null) and ${ofDates}`
  if (branchCode !== null) return known
  const totals = raw`campaign_merchants c join day_totals t on t.merchant_code = c.merchant_code and t.campaign_id = c.campaign_id`
  return raw`case when exists (select from measured where not control and not wallet) then (${known}) else
    (select ${cost} from campaign_day_orders t where ${ofDates})
    + (select coalesce(sum(t.fen), 0) from generate_series(${from}::date + 1, ${to}::date, '1 day') d cross join lateral (
        select ${cost} as fen from ${totals} where c.campaign_id = ${campaignId} and t.business_date = d::date
      ) t where not exists (select from campaign_day_sums s where s.campaign_id = ${campaignId} and s.business_date = d::date))
    - (select ${cost} from ${totals} where c.entered_on is not null and ${ofDates})
    end`
}

function usesOf(rows: Measured['merchants'], looks: number): EffectBooks['merchants'] {
  const merchants = new Map<string, { control: boolean; uses: Use[] }>()
  for (const [code, control, stretch, orders, own] of rows) {
    const one = merchants.get(code) ?? { control, uses: Array.from({ length: looks + 2 }, () => NO_USE) }
    merchants.set(code, one)
    one.uses[stretch] = { orders, own }
  }
  return [...merchants.values()].map(({ control, uses }) => ({
    control,
    before: uses[0]!,
    since: uses.slice(1, -1),
    after: uses.at(-1)!,
  }))
}

function daysOf(rows: Measured['days']): EffectBooks['days'] {
  const days = new Map<string, EffectBooks['days'][number]>()
  for (const [businessDate, control, orders, own] of rows) {
    const day = days.get(businessDate) ?? { businessDate, treated: NO_USE, control: NO_USE }
    days.set(businessDate, { ...day, [control ? 'control' : 'treated']: { orders, own } })
  }
  return [...days.values()]
}

import { CompiledQuery, sql as raw, type Transaction } from 'kysely'
import type { CardBin } from '../../../domain/card-bins'
import type { ReportBooks, ReportedCampaign, ReportFigures, ReportRow, ReportScope, Reports } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'
import type { Tables } from '../tables'
import { type Days, daysOf, SUMMED, sumDays } from './days'
import { NO_FIGURES, rowsQuery } from './rows'

/** An hour after its last day nobody holds a card of it any more: in so few orders one can be, and orders_of_day has them first. */
const LATEST = raw`(extract(epoch from (c.end_date + 1)::timestamp at time zone 'Asia/Shanghai') * 1000 + 3600000)::bigint`

/**
 * The {@link Reports} on PostgreSQL, in one snapshot: rows from the sums of days that are over, and from the counts and decks of the others.
 */
export function sqlReports(sql: Sql): Reports {
  return {
    async campaign({ campaignId, branchCode }) {
      const { rows } = await raw<ReportedCampaign>`
        select campaign_id as "campaignId", name, organiser, version, rule, start_date as "startDate", end_date as "endDate",
          coalesce((
            select o.business_date from orders o where o.campaign_id = c.campaign_id and o.state = 'paid'
              and o.business_date = c.end_date + 1 and o.created_at < ${LATEST} limit 1
          ), (
            -- archived, it tells by its counts alone
            select a.business_date from archived_days a where a.business_date = c.end_date + 1 and exists (
              select from campaign_merchants cm join day_totals t on t.merchant_code = cm.merchant_code
              where cm.campaign_id = c.campaign_id and t.campaign_id = c.campaign_id and t.business_date = a.business_date
                and t.orders > 0)
          ), end_date) as "lastDate"
        from campaigns c
        where campaign_id = ${campaignId} and (${branchCode}::text is null or branch_code = ${branchCode} or exists (
          select 1 from campaign_merchants cm join merchants m using (merchant_code)
          where cm.campaign_id = c.campaign_id and m.branch_code = ${branchCode}
        ) or exists (select 1 from decks d where d.campaign_id = c.campaign_id and d.branch_code = ${branchCode}))`.execute(
        sql.db,
      )
      return rows[0]
    },
    read: (scope, input) =>
      sql.snapshot(async (tx): Promise<ReportBooks> => {
        const { dates, by, limit, bins, today } = input
        const known = await tx.executeQuery<{ businessDate: string }>(
          CompiledQuery.raw(SUMMED, [scope.campaignId, dates.from, dates.to]),
        )
        const days = daysOf(
          dates,
          known.rows.map(({ businessDate }) => businessDate),
        )
        const page = async (query: ReturnType<typeof rowsQuery>) =>
          (await tx.executeQuery<ReportRow>(CompiledQuery.raw(query.statement.text, query.values))).rows
        const rows = await page(rowsQuery(scope, { dates, by, after: undefined, limit }, days))
        // Only where rows were left out is the sum worth another reading of the orders.
        const all =
          rows.length < limit
            ? rows
            : await page(rowsQuery(scope, { dates, by: 'total', after: undefined, limit: 1 }, days))
        return {
          total: all.reduce(added, NO_FIGURES),
          rows,
          channels: await ordersByChannel(tx, scope, days),
          cards: await cardCounts(tx, scope, days, bins, today),
        }
      }),
    async rows(scope, input) {
      const { from, to } = input.dates
      const known = await sql.run<{ businessDate: string }>(DAYS, [scope.campaignId, from, to])
      const days = daysOf(
        input.dates,
        known.map(({ businessDate }) => businessDate),
      )
      const { statement, values } = rowsQuery(scope, input, days)
      return sql.run<ReportRow>(statement, values)
    },
    sum: (lastDate, limit) => sumDays(sql, lastDate, limit),
  }
}

const DAYS: Statement = { name: 'report-days', text: SUMMED }

function added(sum: ReportFigures, row: ReportFigures): ReportFigures {
  const fields = Object.keys(NO_FIGURES) as (keyof ReportFigures)[]
  return Object.fromEntries(fields.map((field) => [field, sum[field] + row[field]])) as unknown as ReportFigures
}

/** From the counts that the database keeps of each merchant's day, and the sums of days that are over, as the rows are. */
async function ordersByChannel(
  tx: Transaction<Tables>,
  { campaignId, branchCode }: ReportScope,
  { from, to, summed }: Days,
): Promise<ReportBooks['channels']> {
  const { rows } = await raw<ReportBooks['channels'][number]>`
    select business_date as "businessDate", channel, sum(orders)::bigint as orders
    from (
      select t.business_date, t.channel, t.orders
      from campaign_merchants cm cross join lateral (
        select business_date, channel, orders from day_totals
        where merchant_code = cm.merchant_code and business_date between ${from}::date and ${to}::date
          and business_date <> all(${summed}::date[]) and (${branchCode}::text is null or branch_code = ${branchCode}) offset 0
      ) t
      where cm.campaign_id = ${campaignId}
      union all
      select business_date, channel, orders from campaign_day_orders
      where campaign_id = ${campaignId} and business_date = any(${summed}::date[])
        and (${branchCode}::text is null or branch_code = ${branchCode})
    ) days
    group by 1, 2 having sum(orders) > 0 order by 1, 2`.execute(tx)
  return rows
}

/** Cards of decks whose day is closed, and of others those that orders were paid with: a card still to come stays unknown. */
async function cardCounts(
  tx: Transaction<Tables>,
  { campaignId, branchCode }: ReportScope,
  { from, to, summed }: Days,
  bins: readonly CardBin[],
  today: string,
): Promise<number[]> {
  const { rows } = await raw<{ bin: number; n: number }>`
    select width_bucket(amount, ${bins.map((bin) => bin.fromFen)}::integer[]) as bin, sum(n)::bigint as n
    from (
      select card.amount, 1 as n
      from campaign_merchants cm
      join decks d on d.campaign_id = cm.campaign_id and d.merchant_code = cm.merchant_code
      cross join lateral (
        select unnest(d.amounts_fen) as amount where d.business_date < ${today}::date
        union all
        select o.discount_fen from orders o
        where (d.amounts_fen is null or d.business_date >= ${today}::date)
          and o.campaign_id = d.campaign_id and o.merchant_code = d.merchant_code
          and o.deck_date = d.business_date and o.slot is not null and o.state = 'paid'
      ) card
      where cm.campaign_id = ${campaignId} and (${branchCode}::text is null or d.branch_code = ${branchCode})
        and d.business_date between ${from}::date and ${to}::date and d.business_date <> all(${summed}::date[])
      union all
      select a.amount, a.n from campaign_day_decks k cross join lateral unnest(k.amounts_fen, k.counts) a(amount, n)
      where k.campaign_id = ${campaignId} and k.business_date = any(${summed}::date[])
        and (${branchCode}::text is null or k.branch_code = ${branchCode})
    ) cards
    group by 1`.execute(tx)
  const counts = new Map(rows.map(({ bin, n }) => [bin, n]))
  return bins.map((_, i) => counts.get(i + 1) ?? 0)
}

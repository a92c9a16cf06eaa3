import { CompiledQuery, type RawBuilder, sql as raw, type Transaction } from 'kysely'
import type { CardBin } from '../../../domain/card-bins'
import { OWN_CHANNEL } from '../../../domain/channel'
import type { MerchantUse, Use } from '../../../domain/lift'
import type {
  Dates,
  Phases,
  ReportBooks,
  ReportedCampaign,
  ReportFigures,
  ReportRow,
  ReportScope,
  Reports,
} from '../../../flow/ports'
import type { Sql } from '../open-sql'
import type { Tables } from '../tables'
import { NO_FIGURES, rowsQuery } from './rows'

/** An hour after its last day nobody holds a card of it any more: in so few orders one can be, and orders_by_time has them first. */
const LATEST = raw`(extract(epoch from (c.end_date + 1)::timestamp at time zone 'Asia/Shanghai') * 1000 + 3600000)::bigint`

/**
 * The {@link Reports} on PostgreSQL, in one snapshot: rows from the orders, refunds and decks of the dates asked for, shares
 * from day_totals, since they are of the whole campaign whatever the dates.
 */
export function sqlReports(sql: Sql): Reports {
  return {
    async campaign({ campaignId, branchCode }) {
      const { rows } = await raw<ReportedCampaign>`
        select campaign_id as "campaignId", rule, start_date as "startDate", end_date as "endDate",
          coalesce((
            select o.business_date from orders o where o.campaign_id = c.campaign_id and o.state = 'paid'
              and o.business_date = c.end_date + 1 and o.created_at < ${LATEST} limit 1
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
        const { dates, by, limit, phases, bins, today } = input
        const page = async (query: ReturnType<typeof rowsQuery>) =>
          (await tx.executeQuery<ReportRow>(CompiledQuery.raw(query.statement.text, query.values))).rows
        const rows = await page(rowsQuery(scope, { dates, by, after: undefined, limit }))
        // Only where rows were left out is the sum worth another reading of the orders.
        const all =
          rows.length < limit ? rows : await page(rowsQuery(scope, { dates, by: 'total', after: undefined, limit: 1 }))
        const arms = armsOf(scope, phases)
        return {
          total: all.reduce(added, NO_FIGURES),
          rows,
          days: await shareByDay(tx, scope, arms, phases),
          ...(await shareByMerchant(tx, scope, arms, phases)),
          cards: await cardCounts(tx, scope, dates, bins, today),
        }
      }),
    async rows(scope, input) {
      const { statement, values } = rowsQuery(scope, input)
      return sql.run<ReportRow>(statement, values)
    },
  }
}

function added(sum: ReportFigures, row: ReportFigures): ReportFigures {
  const fields = Object.keys(NO_FIGURES) as (keyof ReportFigures)[]
  return Object.fromEntries(fields.map((field) => [field, sum[field] + row[field]])) as unknown as ReportFigures
}

/** The campaign's merchants and those left out of it. One that joined later is no control any more. */
const armsOf = ({ campaignId, branchCode }: ReportScope, { before, after }: Phases) => raw`
  select a.merchant_code, a.control from (
    select merchant_code, false as control from campaign_merchants where campaign_id = ${campaignId}
    union all
    select merchant_code, true from campaign_controls c where campaign_id = ${campaignId} and not exists (
      select 1 from campaign_merchants cm where cm.campaign_id = c.campaign_id and cm.merchant_code = c.merchant_code
    )
  ) a
  where ${branchCode}::text is null or a.merchant_code in (
    select merchant_code from merchants where branch_code = ${branchCode}
    union all
    select merchant_code from day_totals
    where branch_code = ${branchCode} and business_date between ${before.from}::date and ${after.to}::date)`

/** Counts `t` of the branch, or of all. */
const ofBranch = ({ branchCode }: ReportScope) => raw`(${branchCode}::text is null or t.branch_code = ${branchCode})`

async function shareByDay(
  tx: Transaction<Tables>,
  scope: ReportScope,
  arms: ReturnType<typeof armsOf>,
  phases: Phases,
): Promise<ReportBooks['days']> {
  const { rows } = await raw<{ businessDate: string; control: boolean } & Use>`
    with arms as (${arms})
    select t.business_date as "businessDate", a.control, sum(t.orders)::bigint as orders,
      coalesce(sum(t.orders) filter (where t.channel = ${OWN_CHANNEL}), 0)::bigint as own
    from arms a join day_totals t on t.merchant_code = a.merchant_code
    where t.business_date between ${phases.before.from}::date and ${phases.after.to}::date and t.orders > 0
      and ${ofBranch(scope)}
    group by 1, 2 order by 1`.execute(tx)
  const days = new Map<string, ReportBooks['days'][number]>()
  for (const { businessDate, control, orders, own } of rows) {
    const day = days.get(businessDate) ?? { businessDate, treated: NONE, control: NONE }
    days.set(businessDate, { ...day, [control ? 'control' : 'treated']: { orders, own } })
  }
  return [...days.values()]
}

const NONE: Use = { orders: 0, own: 0 }

async function shareByMerchant(
  tx: Transaction<Tables>,
  scope: ReportScope,
  arms: ReturnType<typeof armsOf>,
  phases: Phases,
): Promise<Pick<ReportBooks, 'treated' | 'control'>> {
  const within = ({ from, to }: Dates) => raw`t.business_date between ${from}::date and ${to}::date`
  const sum = (of: RawBuilder<unknown>) => raw`coalesce(sum(t.orders) filter (where ${of}), 0)::bigint`
  const counted = (dates: Dates) => sum(within(dates))
  const own = (dates: Dates) => sum(raw`${within(dates)} and t.channel = ${OWN_CHANNEL}`)
  const { before, during, after } = phases
  const { rows } = await raw<{ control: boolean; b: number; bo: number; d: number; do: number; a: number; ao: number }>`
    with arms as (${arms})
    select a.control, ${counted(before)} as b, ${own(before)} as bo, ${counted(during)} as d, ${own(during)} as "do",
      ${counted(after)} as a, ${own(after)} as ao
    from arms a left join day_totals t on t.merchant_code = a.merchant_code
      and t.business_date between ${before.from}::date and ${phases.after.to}::date and ${ofBranch(scope)}
    group by a.merchant_code, a.control`.execute(tx)
  const uses = (control: boolean): MerchantUse[] =>
    rows
      .filter((row) => row.control === control)
      .map((row) => ({
        before: { orders: row.b, own: row.bo },
        during: { orders: row.d, own: row.do },
        after: { orders: row.a, own: row.ao },
      }))
  return { treated: uses(false), control: uses(true) }
}

/** Cards of days that are over, and of today those that orders were paid with: a card still to come stays unknown. */
async function cardCounts(
  tx: Transaction<Tables>,
  { campaignId, branchCode }: ReportScope,
  dates: Dates,
  bins: readonly CardBin[],
  today: string,
): Promise<number[]> {
  const { rows } = await raw<{ bin: number; n: number }>`
    select width_bucket(card.amount, ${bins.map((bin) => bin.fromFen)}::integer[]) as bin, count(*) as n
    from campaign_merchants cm
    join decks d on d.campaign_id = cm.campaign_id and d.merchant_code = cm.merchant_code
    cross join unnest(d.amounts_fen) with ordinality as card(amount, n)
    where cm.campaign_id = ${campaignId} and (${branchCode}::text is null or d.branch_code = ${branchCode})
      and d.business_date between ${dates.from}::date and ${dates.to}::date
      and (d.business_date < ${today}::date or exists (
        select 1 from orders o
        where o.campaign_id = d.campaign_id and o.merchant_code = d.merchant_code
          and o.deck_date = d.business_date and o.slot = card.n - 1 and o.state = 'paid'
      ))
    group by 1`.execute(tx)
  const counts = new Map(rows.map(({ bin, n }) => [bin, n]))
  return bins.map((_, i) => counts.get(i + 1) ?? 0)
}

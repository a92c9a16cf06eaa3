import { CompiledQuery, type RawBuilder, sql as raw, type Transaction } from 'kysely'
import type { CardBin } from '../../../domain/card-bins'
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
 * The {@link Reports} on PostgreSQL, in one snapshot: rows from the counts and decks of the days asked for, shares from
 * share_days, since they are of the whole campaign whatever the dates.
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
        const { dates, by, limit, phases, points, bins, today } = input
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
          days: await shareByDay(tx, arms, points),
          channels: await ordersByChannel(tx, scope, points),
          ...(await shareByMerchant(tx, arms, phases)),
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

/**
 * The campaign's merchants `a` and those left out of it, each once for every branch that it was in when it was paid: shares are of
 * the branch of then. One that joined later is no control any more.
 */
const armsOf = ({ campaignId, branchCode }: ReportScope, { before, after }: Phases) => raw`
  select a.merchant_code, a.control, b.branch_code from (
    select merchant_code, false as control from campaign_merchants where campaign_id = ${campaignId}
    union all
    select merchant_code, true from campaign_controls c where campaign_id = ${campaignId} and not exists (
      select 1 from campaign_merchants cm where cm.campaign_id = c.campaign_id and cm.merchant_code = c.merchant_code
    )
  ) a join merchants m using (merchant_code) cross join lateral (${
    branchCode === null
      ? BRANCHES
      : raw`
    select ${branchCode}::text as branch_code where m.branch_code = ${branchCode} or (
      select true from share_days s where s.merchant_code = a.merchant_code and s.branch_code = ${branchCode}
        and s.business_date between ${before.from}::date and ${after.to}::date limit 1)`
  }) b`

/** Of merchant `m`: that of now, and step by step through the index the others, so that no day of them is read. */
const BRANCHES = raw`
  with recursive known as (
    select min(branch_code) as branch_code from share_days s where s.merchant_code = m.merchant_code
    union all
    select (select min(s.branch_code) from share_days s
      where s.merchant_code = m.merchant_code and s.branch_code > known.branch_code)
    from known where known.branch_code is not null
  )
  select branch_code from known where branch_code is not null union select m.branch_code`

async function shareByDay(
  tx: Transaction<Tables>,
  arms: ReturnType<typeof armsOf>,
  { from, to }: Dates,
): Promise<ReportBooks['days']> {
  // Laterally and not joined, as then all days of all merchants might be read.
  const { rows } = await raw<{ businessDate: string; control: boolean } & Use>`
    with arms as (${arms})
    select s.business_date as "businessDate", a.control, sum(s.orders)::bigint as orders, sum(s.own)::bigint as own
    from arms a cross join lateral (
      select business_date, orders, own from share_days s
      where s.merchant_code = a.merchant_code and s.branch_code = a.branch_code
        and s.business_date between ${from}::date and ${to}::date and s.orders > 0 offset 0
    ) s
    group by 1, 2 order by 1`.execute(tx)
  const days = new Map<string, ReportBooks['days'][number]>()
  for (const { businessDate, control, orders, own } of rows) {
    const day = days.get(businessDate) ?? { businessDate, treated: NONE, control: NONE }
    days.set(businessDate, { ...day, [control ? 'control' : 'treated']: { orders, own } })
  }
  return [...days.values()]
}

/** From the counts that the database keeps of each merchant's day, as the rows are. */
async function ordersByChannel(
  tx: Transaction<Tables>,
  { campaignId, branchCode }: ReportScope,
  { from, to }: Dates,
): Promise<ReportBooks['channels']> {
  const { rows } = await raw<ReportBooks['channels'][number]>`
    select t.business_date as "businessDate", t.channel, sum(t.orders)::bigint as orders
    from campaign_merchants cm cross join lateral (
      select business_date, channel, orders from day_totals
      where merchant_code = cm.merchant_code and business_date between ${from}::date and ${to}::date
        and (${branchCode}::text is null or branch_code = ${branchCode}) offset 0
    ) t
    where cm.campaign_id = ${campaignId}
    group by 1, 2 having sum(t.orders) > 0 order by 1, 2`.execute(tx)
  return rows
}

const NONE: Use = { orders: 0, own: 0 }

/** What a merchant was paid up to a date is one row, so a phase is the difference of two, however long it is. */
async function shareByMerchant(
  tx: Transaction<Tables>,
  arms: ReturnType<typeof armsOf>,
  { before, during, after }: Phases,
): Promise<Pick<ReportBooks, 'treated' | 'control'>> {
  const upTo = (date: RawBuilder<unknown>) => raw`left join lateral (
    select orders_before + orders as orders, own_before + own as own from share_days s
    where s.merchant_code = a.merchant_code and s.branch_code = a.branch_code and s.business_date <= ${date}
    order by s.business_date desc limit 1
  )`
  const sum = (last: string, first: string, of: 'orders' | 'own') =>
    raw.raw(`(sum(coalesce(${last}.${of}, 0)) - sum(coalesce(${first}.${of}, 0)))::bigint`)
  const { rows } = await raw<{ control: boolean; b: number; bo: number; d: number; do: number; a: number; ao: number }>`
    with arms as (${arms})
    select a.control, ${sum('p1', 'p0', 'orders')} as b, ${sum('p1', 'p0', 'own')} as bo, ${sum('p2', 'p1', 'orders')} as d,
      ${sum('p2', 'p1', 'own')} as "do", ${sum('p3', 'p2', 'orders')} as a, ${sum('p3', 'p2', 'own')} as ao
    from arms a
    ${upTo(raw`${before.from}::date - 1`)} p0 on true
    ${upTo(raw`${before.to}::date`)} p1 on true
    ${upTo(raw`greatest(${before.to}::date, ${during.to}::date)`)} p2 on true
    ${upTo(raw`greatest(${before.to}::date, ${after.to}::date)`)} p3 on true
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

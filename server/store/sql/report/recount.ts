import { type Dates, DayArchived } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'

const DATES: Statement = {
  name: 'recount-dates',
  text: `
    select min(first) as "from", max(last) as "to" from (
      select min(business_date) as first, max(business_date) as last from orders
      union all select min(business_date), max(business_date) from refunds
      union all select min(business_date), max(business_date) from day_totals
    ) known`,
}

/** Where orders are archived nothing is counted anew: what they came to is kept nowhere else. */
const RECOUNT: Statement = {
  name: 'recount',
  text: `
    select rebuild_day_totals($1::date, $1::date) as made
    where not exists (select from archived_days where business_date = $1::date)`,
}

const SHARES: Statement = {
  name: 'recount-shares',
  text: 'select rebuild_share_days() as made where not exists (select from archived_days)',
}

/** From the first to the last date of which the books or the counts know anything; undefined: neither does. */
export async function countedDates(sql: Sql): Promise<Dates | undefined> {
  const [dates] = await sql.run<Dates | { from: null; to: null }>(DATES, [])
  return dates?.from ? (dates as Dates) : undefined
}

/** Counts a date anew from its orders and refunds, in one transaction for which payments wait; how many counts it has now. @throws DayArchived */
export async function recountDay(sql: Sql, date: string): Promise<number> {
  const [row] = await sql.run<{ made: number }>(RECOUNT, [date])
  if (!row) throw new DayArchived(`${date} is archived: its counts stay as they are`)
  return row.made
}

/** Counts all shares anew, for which payments wait while it reads all paid orders; how many rows they have now. @throws DayArchived */
export async function recountShares(sql: Sql): Promise<number> {
  const [row] = await sql.run<{ made: number }>(SHARES, [])
  if (!row) throw new DayArchived('days are archived: shares can’t be counted anew from what is left')
  return row.made
}

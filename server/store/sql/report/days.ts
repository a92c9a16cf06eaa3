import { addDays } from '../../../domain/business-date'
import type { Dates } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'

/** A campaign's days: those that are summed, and the stretch in which the others lie, which are counted; it is empty where there is none. */
export interface Days extends Dates {
  summed: string[]
}

/** $1 campaign, $2 and $3 dates. */
export const SUMMED = `
  select business_date as "businessDate" from campaign_day_sums
  where campaign_id = $1 and business_date between $2::date and $3::date order by business_date`

export function daysOf({ from, to }: Dates, summed: string[]): Days {
  const known = new Set(summed)
  let [first, last] = [from, to]
  while (first <= last && known.has(first)) first = addDays(first, 1)
  while (last >= first && known.has(last)) last = addDays(last, -1)
  return { from: first, to: last, summed }
}

/**
 * Days that can be summed and aren't, of campaigns that have begun, the oldest first: not those whose cards nobody can open any more, which
 * would keep all later ones waiting. $1 the last date of which every deck may be closed,
 * $2 how many.
 */
const UNSUMMED: Statement = {
  name: 'campaign-days-unsummed',
  replan: true,
  text: `
    select c.campaign_id as "campaignId", d::date as "businessDate"
    from campaigns c cross join lateral generate_series(c.start_date, least(c.end_date + 1, $1::date), '1 day') d
    where c.version > 0 and not exists (
      select from campaign_day_sums k where k.campaign_id = c.campaign_id and k.business_date = d::date
    ) and not exists (
      select from decks x where x.campaign_id = c.campaign_id and x.business_date = d::date
        and (x.closed_at is null or x.used_slots is null or x.amounts_fen is null))
    order by d, c.campaign_id limit $2::integer`,
}

const SUM: Statement = {
  name: 'campaign-day-sum',
  text: 'select sum_campaign_day($1::text, $2::date) as done',
}

/** Sums days that are over, each in a transaction of its own; how many of at most `limit`. */
export async function sumDays(sql: Sql, lastDate: string, limit: number): Promise<number> {
  const found = await sql.run<{ campaignId: string; businessDate: string }>(UNSUMMED, [lastDate, limit])
  let done = 0
  for (const { campaignId, businessDate } of found) {
    const [row] = await sql.run<{ done: boolean }>(SUM, [campaignId, businessDate])
    if (row!.done) done++
  }
  return done
}

import { dearestDeck } from '../../../domain/deck'
import type { Rule } from '../../../domain/rule'
import type { CampaignDay, HistoryItem, Overlap, Pace, Sight } from '../../../flow/ports'
import { byPrecedence, precedes, stands } from '../applies'
import type { Sql, Statement } from '../open-sql'
import { cardsIn } from '../rows'

/** Whose a shortage `s` is: its deck's branch, or where nothing was dealt its merchant's. */
export const BRANCH_SHORT = `coalesce((
  select y.branch_code from decks y
  where y.campaign_id = s.campaign_id and y.merchant_code = s.merchant_code and y.business_date = s.business_date
), (select m.branch_code from merchants m where m.merchant_code = s.merchant_code))`

/** $1 campaign, $2 date, $3 branch or null. Each deck's orders come by the index that also keeps its cap. */
const DAY: Statement = {
  name: 'campaign-day',
  text: `
    select coalesce(sum(${cardsIn('d')}), 0)::bigint as slots, count(*) as merchants,
      (select rule from campaigns where campaign_id = $1) as rule, (
        select c.daily_budget_fen - coalesce((
          select n.committed_fen from campaign_days n where n.campaign_id = $1 and n.business_date = $2::date), 0)
        from campaigns c where c.campaign_id = $1) as "leftFen", (
        select coalesce(json_agg(json_build_object('slots', x.slots, 'decks', x.decks)), '[]') from (
          select ${cardsIn('y')} as slots, count(*) as decks from decks y
          where y.campaign_id = $1 and y.business_date = $2 and ($3::text is null or y.branch_code = $3) group by 1) x) as decks,
      coalesce(sum(o.used), 0)::bigint as used,
      coalesce(sum(o.cost), 0)::bigint as "costFen",
      (select count(*) from deck_shortages s where s.campaign_id = $1 and s.business_date = $2
        and ($3::text is null or ${BRANCH_SHORT} = $3)) as short
    from decks d
    cross join lateral (
      select count(*) as used, sum(o.discount_fen) filter (where o.state = 'paid') as cost from orders o
      where o.campaign_id = d.campaign_id and o.merchant_code = d.merchant_code
        and o.deck_date = d.business_date and o.slot is not null and o.state <> 'closed'
    ) o
    where d.campaign_id = $1 and d.business_date = $2 and ($3::text is null or d.branch_code = $3)`,
}

type DayRow = Omit<CampaignDay, 'mostFen'> & { rule: Rule; decks: { slots: number; decks: number }[] }

export async function campaignDay(sql: Sql, campaignId: string, date: string, sight: Sight): Promise<CampaignDay> {
  const [row] = await sql.run<DayRow>(DAY, [campaignId, date, sight.branchCode])
  const { rule, decks, ...day } = row!
  // By the rule, which is public, and not by what their cards come to.
  const mostFen = decks.reduce((sum, { slots, decks }) => sum + decks * dearestDeck({ ...rule, slots }), 0)
  return { ...day, mostFen }
}

/**
 * $1 campaigns, $2 today, $3 days. A closed deck's exposure is what its orders used, so it needs no look at them. `spentFen`: what is
 * committed without what nobody has drawn yet: an evening has tomorrow's decks in it, which cost nothing so far, and nobody looks ahead
 * by what was spent.
 */
const PACE: Statement = {
  name: 'campaign-pace',
  text: `
    with open as materialized (
      select d.campaign_id, d.business_date, d.exposure_fen, u.fen - d.returned_fen as fen from decks d cross join lateral (
        select coalesce(sum(o.discount_fen), 0)::bigint as fen from orders o
        where o.campaign_id = d.campaign_id and o.merchant_code = d.merchant_code
          and o.deck_date = d.business_date and o.slot is not null and o.state <> 'closed'
      ) u
      where d.campaign_id = any($1::text[]) and d.closed_at is null
    )
    select c.campaign_id as "campaignId",
      greatest(0, least(c.end_date, $2::date - 1) - greatest(c.start_date, $2::date - $3::integer) + 1) as days,
      ((select coalesce(sum(d.exposure_fen), 0) from decks d
        where d.campaign_id = c.campaign_id and d.business_date between $2::date - $3::integer and $2::date - 1
          and d.closed_at is not null)
      + (select coalesce(sum(fen), 0) from open where campaign_id = c.campaign_id
          and business_date between $2::date - $3::integer and $2::date - 1)
      )::bigint as "costFen",
      (c.committed_fen - (select coalesce(sum(exposure_fen - fen), 0) from open where campaign_id = c.campaign_id)
      )::bigint as "spentFen"
    from campaigns c where c.campaign_id = any($1::text[])`,
}

/** By campaign. */
export async function campaignPaces(
  sql: Sql,
  campaignIds: readonly string[],
  today: string,
  days: number,
): Promise<Map<string, Pace>> {
  const rows = await sql.run<Pace & { campaignId: string }>(PACE, [campaignIds, today, days])
  return new Map(rows.map(({ campaignId, ...pace }) => [campaignId, pace]))
}

/** `wins`: the other one applies where both are on. */
const OVERLAPS: Statement = {
  name: 'campaign-overlaps',
  text: `
    select o.campaign_id as "campaignId", o.name, o.priority, count(*) as merchants,
      ${precedes('o', 'c')} as wins
    from campaigns c
    join campaigns o on o.campaign_id <> c.campaign_id and ${stands('o')}
      and o.start_date <= c.end_date and o.end_date >= greatest(c.start_date, $2::date)
    join campaign_merchants om on om.campaign_id = o.campaign_id
    join campaign_merchants cm on cm.campaign_id = c.campaign_id and cm.merchant_code = om.merchant_code
    where c.campaign_id = $1 and c.state <> 'ended' and ($3::text is null or exists (
      select 1 from merchants m where m.merchant_code = cm.merchant_code and m.branch_code = $3))
    group by o.campaign_id, o.name, o.priority, o.created_at, c.priority, c.created_at, c.campaign_id
    order by ${byPrecedence('o')}`,
}

export function campaignOverlaps(sql: Sql, campaignId: string, today: string, sight: Sight): Promise<Overlap[]> {
  return sql.run<Overlap>(OVERLAPS, [campaignId, today, sight.branchCode])
}

/** What was refused is in the log alone. A campaign that came with the sandbox or from before the log has no deed of its making: its row tells. */
const HISTORY: Statement = {
  name: 'campaign-history',
  text: `
    select at, username, action, note, state from (
      select a.action_id, a.at, a.username, a.action, a.after->>'note' as note, a.after->>'state' as state
      from operator_actions a where a.subject = 'campaign/' || $1 and a.action <> 'campaign.refuse'
      union all
      select 0, c.created_at, c.made_by, 'campaign.create', null, null from campaigns c
      where c.campaign_id = $1 and not exists (
        select 1 from operator_actions a where a.subject = 'campaign/' || $1 and a.action = 'campaign.create')
    ) steps
    order by action_id limit 1000`,
}

export function campaignHistory(sql: Sql, campaignId: string): Promise<HistoryItem[]> {
  return sql.run<HistoryItem>(HISTORY, [campaignId])
}

import { type Scope, within } from './scope'

/** What a campaign's terms let be dealt of a date, beside what was. Versions from before there were such terms have none. */

/** A version's windows open on a deck's date; without any they always do. */
export const DECK_OUTSIDE_WINDOW = (scope: Scope) => `
  select 'deck ' || d.campaign_id || '/' || d.merchant_code || '/' || d.business_date as subject,
    'version ' || d.version || ' opens on ' || (v.content -> 'windows')::text as detail
  from decks d join campaign_versions v on v.campaign_id = d.campaign_id and v.version = d.version
  where ${within(scope, 'd.business_date')} and jsonb_typeof(v.content -> 'windows') = 'array' and jsonb_array_length(v.content -> 'windows') > 0
    and not exists (
      select 1 from jsonb_array_elements(v.content -> 'windows') w
      where w -> 'weekdays' @> to_jsonb(extract(isodow from d.business_date)::integer))
  order by 1`

/**
 * A day's decks were counted against its budget at what they could cost, which is at least what they did; and the budget is one that was
 * approved. Where one version has no such budget, a day may cost anything.
 */
export const DAY_OVER_BUDGET = (scope: Scope) => `
  with bound as materialized (
    select campaign_id, max((content ->> 'dailyBudgetFen')::bigint) as most_fen from campaign_versions
    group by campaign_id having bool_and(jsonb_typeof(content -> 'dailyBudgetFen') = 'number')
  ), dealt as materialized (
    select campaign_id, business_date, sum(exposure_fen + returned_fen)::bigint as fen, bool_or(closed_at is not null) as closed
    from decks join bound using (campaign_id) where ${within(scope, 'business_date')} group by campaign_id, business_date
  )
  select 'day ' || b.campaign_id || '/' || k.business_date as subject,
    'decks of ' || coalesce(d.fen, 0) || ' are counted as ' || coalesce(n.committed_fen::text, 'nothing')
      || ' of ' || coalesce(n.budget_fen::text, 'nothing') || ', a day may cost ' || b.most_fen as detail
  from bound b
  join (
    select campaign_id, business_date from dealt union select campaign_id, business_date from campaign_days where ${within(scope, 'business_date')}
  ) k on k.campaign_id = b.campaign_id
  left join dealt d on d.campaign_id = k.campaign_id and d.business_date = k.business_date
  left join campaign_days n on n.campaign_id = k.campaign_id and n.business_date = k.business_date
  where n.committed_fen is null or n.committed_fen > b.most_fen or n.budget_fen > b.most_fen
    or n.committed_fen < coalesce(d.fen, 0) or (n.committed_fen <> coalesce(d.fen, 0) and not coalesce(d.closed, false))
  order by 1`

/**
 * Campaigns beside the log of what operators did, which is chained under a key that isn't in the database: terms, lists and states
 * are what the deeds come to. A campaign without a `campaign.create` is from before the log, or was seeded: of it only its
 * approved version is known.
 */

/** Terms that a deed may give, as the campaign's row has them; a rule's fields one by one. */
const TERMS = `
  select c.campaign_id, t.field, t.value
  from campaigns c
  cross join lateral jsonb_each(jsonb_build_object('name', c.name, 'organiser', c.organiser, 'startDate', c.start_date,
      'endDate', c.end_date, 'budgetFen', c.budget_fen, 'dailyBudgetFen', c.daily_budget_fen, 'windows', c.windows, 'maxPerPayerPerDay', c.max_per_payer_per_day,
      'maxPerPayerPerCampaignDay', c.max_per_payer_per_campaign_day, 'channels', c.channels, 'priority', c.priority,
      'branchCode', c.branch_code, 'branchBudgets', (
        select coalesce(jsonb_agg(jsonb_build_object('branchCode', b.branch_code, 'budgetFen', b.budget_fen) order by b.branch_code), '[]')
        from branch_budgets b where b.campaign_id = c.campaign_id))
    || (select coalesce(jsonb_object_agg('rule.' || r.key, r.value), '{}') from jsonb_each(c.rule) r)) t(field, value)`

/** The same in the order of their branches. */
const inOrder = (field: string, value: string) => `
  case when ${field} = 'branchBudgets' and jsonb_typeof(${value}) = 'array' then (
    select coalesce(jsonb_agg(e order by e ->> 'branchCode'), '[]') from jsonb_array_elements(${value}) e) else ${value} end`

/** Amendments that were approved, `action_id` being that of the approval. */
const AMENDED = `
  select p.subject, p.action_id, a.after -> 'amendment' as amendment
  from operator_actions p
  join operator_actions a on a.subject = p.subject and a.action = 'campaign.amend' and a.after ->> 'changeId' = p.after ->> 'changeId'
  where p.action = 'campaign.approve' and p.after ->> 'kind' = 'amend'`

/** What was approved is what is in force, and what the deeds come to. */
export const TERMS_NOT_APPROVED = `
  with terms as materialized (${TERMS}), said as (
    select subject, action_id, f.key as field, f.value
    from operator_actions cross join lateral jsonb_each(after) f
    where action in ('campaign.create', 'campaign.edit')
    union all
    select subject, action_id, 'rule.' || f.key, f.value
    from operator_actions cross join lateral jsonb_each(after -> 'rule') f
    where action = 'campaign.create' and jsonb_typeof(after -> 'rule') = 'object'
    union all
    select subject, action_id, f.key, f.value from (${AMENDED}) m cross join lateral jsonb_each(m.amendment) f
  ), last as (
    select distinct on (subject, field) subject, field, value from said order by subject, field, action_id desc
  )
  select 'campaign ' || t.campaign_id as subject,
    t.field || ' should be ' || l.value::text || ' by the log, is ' || t.value::text as detail
  from terms t join last l on l.subject = 'campaign/' || t.campaign_id and l.field = t.field
  where ${inOrder('l.field', 'l.value')} <> t.value
  union all
  select 'campaign ' || c.campaign_id, 'is in force and version ' || c.version || ' was never approved'
  from campaigns c left join campaign_versions v using (campaign_id, version)
  where c.state not in ('draft', 'submitted') and v.campaign_id is null
  union all
  select 'campaign ' || c.campaign_id, t.field || ' should be ' || a.value::text || ' as approved, is ' || t.value::text
  from campaigns c
  join campaign_versions v using (campaign_id, version)
  cross join lateral (
    select e.key as field, e.value from jsonb_each(v.content - 'rule') e
    union all
    select 'rule.' || e.key, e.value from jsonb_each(v.content -> 'rule') e
  ) a
  join terms t on t.campaign_id = c.campaign_id and t.field = a.field
  where c.state not in ('draft', 'submitted') and a.value <> t.value
  order by 1, 2`

/** Who made and who approved is who did so by the log. */
export const APPROVAL_WRONG = `
  select 'campaign ' || v.campaign_id || ' version ' || v.version as subject,
    'made by ' || v.made_by || ' and approved by ' || v.approved_by || ', of which the log knows nothing' as detail
  from campaign_versions v
  where not exists (
    select 1 from operator_actions p
    join campaign_changes h on h.change_id = p.after ->> 'changeId' and h.made_by = v.made_by
    where p.subject = 'campaign/' || v.campaign_id and p.action = 'campaign.approve' and p.after ->> 'kind' in ('launch', 'amend')
      and p.username = v.approved_by and p.at = v.approved_at
  ) and (v.approved_by <> 'system' or exists (
    select 1 from operator_actions p where p.subject = 'campaign/' || v.campaign_id and p.action = 'campaign.create'))
  union all
  select 'campaign change ' || h.change_id, 'asked for by ' || h.made_by || ', of which the log knows nothing'
  from campaign_changes h
  where not exists (
    select 1 from operator_actions a
    where a.subject = 'campaign/' || h.campaign_id and a.after ->> 'changeId' = h.change_id and a.username = h.made_by
      and a.at = h.made_at and coalesce(a.after -> 'amendment', 'null') = coalesce(h.content, 'null'))
  union all
  select 'campaign change ' || h.change_id, h.state || ' by ' || h.reviewed_by || ', of which the log knows nothing'
  from campaign_changes h
  where h.state <> 'open' and not exists (
    select 1 from operator_actions a
    where a.subject = 'campaign/' || h.campaign_id and a.after ->> 'changeId' = h.change_id and a.username = h.reviewed_by
      and a.at = h.reviewed_at and a.action = case h.state when 'approved' then 'campaign.approve' when 'rejected' then 'campaign.reject'
        else 'campaign.withdraw' end)
  union all
  select 'campaign change ' || (a.after ->> 'changeId'), 'is in the log (action ' || min(a.action_id) || ') and gone'
  from operator_actions a
  where a.action in ('campaign.submit', 'campaign.amend', 'campaign.resume', 'campaign.end')
    and not exists (select 1 from campaign_changes h where h.change_id = a.after ->> 'changeId')
  group by a.after ->> 'changeId'
  order by 1, 2`

/**
 * The merchants that a campaign names, and those it leaves out for comparison, are the last list that a deed gave, and what was added
 * since. Of a list of more than a thousand the log keeps how many, and its hash.
 */
export const CAMPAIGN_LIST_WRONG = `
  with amended as materialized (
    select m.subject, c.code from (${AMENDED}) m cross join lateral jsonb_array_elements_text(m.amendment -> 'addMerchantCodes') c(code)
    where jsonb_typeof(m.amendment -> 'addMerchantCodes') = 'array'
  ), given as (
    select subject, action_id, 'merchant' as role, after -> 'merchants' as list from operator_actions
    where action in ('campaign.create', 'campaign.edit') and after ? 'merchants'
    union all
    select subject, action_id, 'control', after -> 'controls' from operator_actions
    where action in ('campaign.create', 'campaign.edit') and after ? 'controls'
    union all
    select subject, action_id, after ->> 'role', after from operator_actions where action = 'campaign.import'
  ), last as materialized (
    select distinct on (subject, role) subject, role, list from given order by subject, role, action_id desc
  ), listed as (
    select 'campaign/' || campaign_id as subject, 'merchant' as role, merchant_code from campaign_merchants
    union all
    select 'campaign/' || campaign_id, 'control', merchant_code from campaign_controls
  ), expected as (
    select l.subject, l.role, c.code as merchant_code from last l cross join lateral jsonb_array_elements_text(l.list -> 'codes') c(code)
    where l.list ? 'codes' and (l.role = 'merchant' or not exists (
      select 1 from amended a where a.subject = l.subject and a.code = c.code))
    union
    select a.subject, 'merchant', a.code from amended a join last l on l.subject = a.subject and l.role = 'merchant' and l.list ? 'codes'
  ), found as (
    select d.* from listed d join operator_actions k on k.subject = d.subject and k.action = 'campaign.create'
    where not exists (select 1 from last l where l.subject = d.subject and l.role = d.role and not l.list ? 'codes')
  )
  select 'campaign ' || substr(subject, 10) as subject,
    role || ' ' || merchant_code || case when f.merchant_code is null then ' is gone' else ' was put in by nobody' end as detail
  from (select subject, role, merchant_code, true as is_found from found) f
  full join (select subject, role, merchant_code, true as is_expected from expected) e using (subject, role, merchant_code)
  where is_found is null or is_expected is null
  union all
  select 'campaign ' || substr(l.subject, 10), l.role || 's should be ' || (l.list ->> 'count') || ', are ' || n.found
  from last l cross join lateral (
    select count(*) as found from listed d where d.subject = l.subject and d.role = l.role
      and not exists (select 1 from amended a where a.subject = d.subject and a.code = d.merchant_code)
  ) n
  where not l.list ? 'codes' and n.found > (l.list ->> 'count')::bigint
  order by 1, 2`

/** Approved, running or paused is one thing here: the date and the brake tell them apart. */
const roughly = (state: string) =>
  `case when ${state} in ('approved', 'running', 'paused') then 'in force' else ${state} end`

/** A campaign's state is where its deeds have brought it; a brake that was pulled is held until a deed lets it go. */
export const CAMPAIGN_STATE_WRONG = `
  select 'campaign ' || c.campaign_id as subject, 'should be ' || l.state || ' by the log, is ' || c.state as detail
  from campaigns c
  cross join lateral (
    select a.after ->> 'state' as state from operator_actions a
    where a.subject = 'campaign/' || c.campaign_id and a.action like 'campaign.%' and a.after ? 'state'
    order by a.action_id desc limit 1
  ) l
  where ${roughly('c.state')} <> ${roughly('l.state')}
  union all
  select 'brake ' || k.subject, 'should be ' || case when l.pulled then 'held' else 'let go' end || ' by the log, and isn''t'
  from brakes k
  cross join lateral (
    select a.action in ('campaign.pause', 'merchant.pause', 'brake.pull') as pulled from operator_actions a
    where a.subject = k.subject and (a.action in ('campaign.pause', 'merchant.pause', 'brake.pull')
      or a.action = 'campaign.approve' and a.after ->> 'kind' = 'resume' or a.action = 'campaign.reject' and a.after ->> 'kind' = 'pause'
      or a.action = 'change.apply' and a.after ->> 'kind' in ('brake.release', 'merchant.resume'))
    order by a.action_id desc limit 1
  ) l
  where k.held <> l.pulled
  order by 1, 2`

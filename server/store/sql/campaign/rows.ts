import type { Campaign } from '../../../domain/campaign'
import type { Change } from '../../../domain/campaign-life'
import type { CampaignFilter, CampaignRecord, Sight } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'
import { BRAKE_JSON } from './hold'

/**
 * Who wrote what is to be approved, by the log of deeds, which nobody edits: since the last approval of terms everybody who
 * drafted, edited, imported, drew or asked. An import that was only tried leaves no deed. The approval is looked for by the campaign and not
 * by the deed, and so once for each campaign.
 */
const AUTHORS = `(select coalesce(json_agg(distinct a.username), '[]') from operator_actions a
    where a.subject = 'campaign/' || c.campaign_id
      and a.action in ('campaign.create', 'campaign.edit', 'campaign.import', 'campaign.draw', 'campaign.submit', 'campaign.amend')
      and a.action_id > coalesce((select max(p.action_id) from operator_actions p where p.subject = 'campaign/' || c.campaign_id
        and p.action = 'campaign.approve' and p.after ->> 'kind' in ('launch', 'amend')), 0))`

/** Whether it names merchants, or has budgets, that are not the reader's branch's. */
const BEYOND = `$1::text is not null and (${namesOthers('campaign_merchants')} or ${namesOthers('campaign_controls')}
    or exists (select 1 from branch_budgets b where b.campaign_id = c.campaign_id and b.branch_code <> $1))`

/** Of the merchants that a change `h` adds those that the reader's branch doesn't see. */
const UNSEEN = `(select coalesce(json_agg(x.code), '[]')
  from jsonb_array_elements_text(case jsonb_typeof(h.content -> 'addMerchantCodes') when 'array' then h.content -> 'addMerchantCodes' else '[]' end) x(code)
  join merchants m on m.merchant_code = x.code where m.branch_code <> $1)`

/** {@link CampaignRecord} as SQL gives it, `$1` being the branch of the reader or null. */
const RECORD = `
  c.campaign_id as "campaignId", c.version, c.name, c.organiser, c.state, c.start_date as "startDate",
  c.end_date as "endDate", c.rule, c.budget_fen as "budgetFen", c.committed_fen as "committedFen", c.daily_budget_fen as "dailyBudgetFen", c.windows,
  c.max_per_payer_per_day as "maxPerPayerPerDay",
  c.max_per_payer_per_campaign_day as "maxPerPayerPerCampaignDay", c.channels, c.priority, c.branch_code as "branchCode",
  c.revision + coalesce(k.revision, 0) as revision, case when k.held then ${BRAKE_JSON} end as brake,
  c.made_by as "madeBy", c.created_at as "createdAt", c.updated_at as "updatedAt",
  (select v.approved_by from campaign_versions v where v.campaign_id = c.campaign_id
    order by v.version desc limit 1) as "approvedBy",
  ${countOf('campaign_merchants')} as "merchantCount",
  ${countOf('campaign_controls')} as "controlCount", ${BEYOND} as "beyondBranch",
  (select coalesce(json_agg(json_build_object('branchCode', b.branch_code, 'branchName', n.name,
      'budgetFen', b.budget_fen, 'committedFen', b.committed_fen) order by b.branch_code), '[]')
    from branch_budgets b join branches n using (branch_code)
    where b.campaign_id = c.campaign_id and ($1::text is null or b.branch_code = $1)) as branches,
  (${changes('limit 1')}) as open, (${changes('limit 1 offset 1')}) as behind, ${AUTHORS} as authors`

const FROM = `campaigns c left join brakes k on k.subject = 'campaign/' || c.campaign_id`

/** Its open changes, a pause in force first. */
function changes(which: string): string {
  return `select json_build_object('changeId', h.change_id, 'campaignId', h.campaign_id, 'kind', h.kind,
      'amendment', h.content, 'unseen', ${UNSEEN}, 'inForce', h.in_force, 'note', h.note, 'madeBy', h.made_by, 'madeAt', h.made_at,
      'state', h.state, 'reviewedBy', null, 'reviewedAt', null, 'reviewNote', null)
    from campaign_changes h where h.campaign_id = c.campaign_id and h.state = 'open' order by h.kind <> 'pause' ${which}`
}

/** Without a branch the count needs no merchants, which matters with 100,000 of them. */
function countOf(table: 'campaign_merchants' | 'campaign_controls'): string {
  return `case when $1::text is null
    then (select count(*) from ${table} x where x.campaign_id = c.campaign_id)
    else (select count(*) from ${table} x join merchants m using (merchant_code)
      where x.campaign_id = c.campaign_id and m.branch_code = $1) end`
}

function namesOthers(table: 'campaign_merchants' | 'campaign_controls'): string {
  return `exists (select 1 from ${table} x join merchants m using (merchant_code)
    where x.campaign_id = c.campaign_id and m.branch_code <> $1)`
}

/** A branch ($1, or null) sees its own campaigns `c` and those with a merchant or a deck of its. */
export const IN_SIGHT = `c.deleted_at is null and ($1::text is null or c.branch_code = $1 or exists (
  select 1 from campaign_merchants x join merchants m using (merchant_code)
  where x.campaign_id = c.campaign_id and m.branch_code = $1
) or exists (select 1 from decks d where d.campaign_id = c.campaign_id and d.branch_code = $1))`

const FIND: Statement = {
  name: 'campaign-find',
  text: `select ${RECORD} from ${FROM} where c.campaign_id = $2 and ${IN_SIGHT}`,
}

/** `stateOn` of the domain, in SQL. */
const stateOn = (date: string, held = 'false') => `case
  when c.state in ('draft', 'submitted', 'ended') then c.state
  when ${date} > c.end_date then 'ended'
  when ${held} then 'paused'
  when c.state = 'approved' and ${date} >= c.start_date then 'running'
  else c.state end`

const LIST: Statement = {
  name: 'campaign-list',
  text: `
    select ${RECORD} from ${FROM}
    where ${IN_SIGHT}
      and ($2::text is null or $2 = ${stateOn('$3::date', 'coalesce(k.held, false)')})
      and ($4::text is null or strpos(lower(c.name), lower($4)) > 0 or strpos(lower(c.campaign_id), lower($4)) > 0)
      and ($5::text is null or c.branch_code = $5)
      and (not $6::boolean or exists (
        select 1 from campaign_changes h where h.campaign_id = c.campaign_id and h.state = 'open'))
      and ($7::bigint is null or (c.created_at, c.campaign_id) < ($7::bigint, $8::text))
    order by c.created_at desc, c.campaign_id desc
    limit $9::integer`,
}

type Row = Omit<CampaignRecord, 'branchBudgets'> & Campaign & { open: Change | null }

/** Open decks are committed at their dearest, so that nobody can look ahead by it. A correction may take more than the budget. */
function recordOf(row: Row): CampaignRecord {
  const branchBudgets = row.branches.map(({ branchCode, budgetFen }) => ({ branchCode, budgetFen }))
  const within = <T extends { committedFen: number; budgetFen: number }>(one: T): T => ({
    ...one,
    committedFen: Math.min(one.budgetFen, one.committedFen),
  })
  return { ...within(row), branches: row.branches.map(within), branchBudgets }
}

export async function findCampaign(sql: Sql, campaignId: string, { branchCode }: Sight) {
  const [row] = await sql.run<Row>(FIND, [branchCode, campaignId])
  return row && recordOf(row)
}

const CURSOR = /^(\d{1,15})\.([A-Za-z0-9_-]{1,40})$/

/** The cursor is `<created at, ms>.<campaign id>` of a page's last; after one that is none of ours comes nothing. */
export async function listCampaigns(
  sql: Sql,
  { branchCode, state, today, q, ownBranchCode, open, cursor, limit }: CampaignFilter,
): Promise<{ items: CampaignRecord[]; nextCursor?: string }> {
  const [, createdAt, campaignId] = (cursor !== undefined && CURSOR.exec(cursor)) || []
  if (cursor !== undefined && createdAt === undefined) return { items: [] }
  const values = [branchCode, state ?? null, today, q || null, ownBranchCode ?? null, open ?? false]
  // one more than asked for tells whether there is a next page
  const rows = await sql.run<Row>(LIST, [...values, createdAt ?? null, campaignId ?? null, limit + 1])
  const items = rows.slice(0, limit).map(recordOf)
  const last = items.at(-1)
  return rows.length > limit && last ? { items, nextCursor: `${last.createdAt}.${last.campaignId}` } : { items }
}

const OVERDUE: Statement = {
  name: 'campaign-overdue',
  text: `
    select c.campaign_id as "campaignId", c.revision + coalesce(k.revision, 0) as revision, c.state, c.start_date as "startDate", c.end_date as "endDate"
    from ${FROM} where c.state <> ${stateOn('$1::date')}
    order by c.campaign_id limit $2::integer`,
}

export function overdueCampaigns(sql: Sql, today: string, limit: number) {
  return sql.run<Pick<CampaignRecord, 'campaignId' | 'revision' | 'state' | 'startDate' | 'endDate'>>(OVERDUE, [
    today,
    limit,
  ])
}

/** $1 a date, $2 how many. Campaigns are few: all of them are read. */
const BUDGETS: Statement = {
  name: 'campaign-budgets',
  text: `
    select campaign_id as "campaignId", budget_fen as "budgetFen", committed_fen as "committedFen" from campaigns
    where state in ('approved', 'running', 'paused') and $1::date between start_date and end_date
    order by committed_fen::numeric / nullif(budget_fen, 0) desc nulls first, campaign_id limit $2::integer`,
}

export function campaignBudgets(sql: Sql, date: string, limit: number) {
  return sql.run<{ campaignId: string; budgetFen: number; committedFen: number }>(BUDGETS, [date, limit])
}

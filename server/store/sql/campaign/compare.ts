import { sql as raw, type Transaction } from 'kysely'
import type { CampaignTerms } from '../../../domain/campaign-life'
import type { CampaignBook, ListCounts, ListLine, Rejected } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'
import type { Tables } from '../tables'
import { TERMS_AS_JSON } from './version'

/** What a reviewer holds a launch or an amendment against. */

/** Keeps terms and lists of a launch as they were submitted: the next review is told what changed since. */
export async function keepSubmitted(tx: Transaction<Tables>, changeId: string): Promise<void> {
  const codes = (table: string) =>
    raw`(select coalesce(jsonb_agg(x.merchant_code order by x.merchant_code), '[]'::jsonb)
      from ${raw.table(table)} x where x.campaign_id = campaigns.campaign_id)`
  await raw`
    update campaign_changes h set submitted = jsonb_build_object('terms', ${raw.raw(TERMS_AS_JSON)},
      'merchantCodes', ${codes('campaign_merchants')}, 'controlCodes', ${codes('campaign_controls')})
    from campaigns where campaigns.campaign_id = h.campaign_id and h.change_id = ${changeId}`.execute(tx)
}

/** The last launch that was rejected, if it is known what it was of. */
const LAST_REJECTED = `select h.change_id, h.submitted, h.reviewed_by, h.reviewed_at, h.review_note from campaign_changes h
  where h.campaign_id = $1 and h.kind = 'launch' and h.state = 'rejected' and h.submitted is not null
  order by h.reviewed_at desc limit 1`

const REJECTED: Statement = {
  name: 'campaign-rejected',
  text: `
    select change_id as "changeId", submitted -> 'terms' as terms, reviewed_by as by, reviewed_at as at, review_note as note
    from (${LAST_REJECTED}) h`,
}

export async function lastRejected(sql: Sql, campaignId: string): Promise<Rejected | undefined> {
  const [row] = await sql.run<Rejected & { terms: CampaignTerms }>(REJECTED, [campaignId])
  return row
}

/**
 * $1 campaign, $2 branch or null: each merchant that is on a list or was, what it is and what it was. Of an amendment those that it adds. Without
 * an earlier launch nothing was.
 */
const LINES = `
  open as materialized (
    select h.kind, h.content from campaign_changes h
    where h.campaign_id = $1 and h.state = 'open' and h.kind in ('launch', 'amend') limit 1
  ), past as materialized (
    select submitted from (${LAST_REJECTED}) h where (select kind from open) = 'launch'
  ), stands as (
    select x.merchant_code as code, 'merchant' as role from campaign_merchants x where x.campaign_id = $1
    union all select x.merchant_code, 'control' from campaign_controls x where x.campaign_id = $1
  ), was as (
    select c.code, 'merchant' as role from past cross join lateral jsonb_array_elements_text(submitted -> 'merchantCodes') c(code)
    union all select c.code, 'control' from past cross join lateral jsonb_array_elements_text(submitted -> 'controlCodes') c(code)
  ), both_times as (
    select code, s.role, w.role as was from stands s full join was w using (code) where (select kind from open) = 'launch'
    union all
    select c.code, 'merchant', s.role from open
    cross join lateral jsonb_array_elements_text(content -> 'addMerchantCodes') c(code)
    left join stands s using (code)
    where kind = 'amend' and jsonb_typeof(content -> 'addMerchantCodes') = 'array'
  ), lines as (
    select b.code, m.name, m.branch_code as "branchCode", n.name as "branchName", b.role, b.was
    from both_times b join merchants m on m.merchant_code = b.code join branches n on n.branch_code = m.branch_code
    where $2::text is null or m.branch_code = $2
  )`

const COUNTS: Statement = {
  name: 'campaign-review-counts',
  replan: true,
  text: `
    with ${LINES}
    select (select kind = 'amend' or exists (select 1 from past) from open) as compared,
      count(*) filter (where role = 'merchant') as merchants, count(*) filter (where role = 'control') as controls,
      count(*) filter (where was is null) as added, count(*) filter (where role is null) as removed,
      count(*) filter (where role <> was) as turned
    from lines`,
}

/** $3 only what changed, $4 after which code, $5 how many. */
const PAGE: Statement = {
  name: 'campaign-review-page',
  replan: true,
  text: `
    with ${LINES}
    select * from lines where code > $4 and (not $3::boolean or role is distinct from was) order by code limit $5::integer`,
}

export async function reviewLists(
  sql: Sql,
  { campaignId, sight, onlyChanged, cursor, limit }: Parameters<CampaignBook['reviewLists']>[0],
): Promise<{ counts: ListCounts; items: ListLine[]; nextCursor?: string }> {
  const at = [campaignId, sight.branchCode]
  const [[counts], rows] = await Promise.all([
    sql.run<ListCounts>(COUNTS, at),
    sql.run<ListLine>(PAGE, [...at, onlyChanged, cursor ?? '', limit + 1]),
  ])
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  const page = { counts: { ...counts!, compared: counts!.compared ?? false }, items }
  return rows.length > limit && last ? { ...page, nextCursor: last.code } : page
}

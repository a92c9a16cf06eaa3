import type { Candidate } from '../../../domain/draw-controls'
import type { CampaignBook, CampaignMerchant, Sight } from '../../../flow/ports'
import { applying, standsOn } from '../applies'
import type { Sql, Statement } from '../open-sql'
import { cardsIn } from '../rows'

/** $1 campaign, $2 date, $3 branch or null, $4 search or null, $5 only or null, $6 after which code, $7 how many. */
const arm = (table: string, control: boolean) => `
  (select m.merchant_code, m.name, m.branch_code, ${control} as control
  from ${table} x join merchants m using (merchant_code)
  where x.campaign_id = $1 and x.merchant_code > $6 and ($3::text is null or m.branch_code = $3)
    and ($4::text is null or strpos(lower(m.name), lower($4)) > 0 or strpos(lower(m.merchant_code), lower($4)) > 0)
    and ($5::text is null
      or ($5 = 'control' and ${control})
      or ($5 = 'short' and exists (select 1 from deck_shortages s
        where s.campaign_id = $1 and s.business_date = $2 and s.merchant_code = x.merchant_code) and not ${ANOTHERS('x')})
      or ($5 = 'sold-out' and exists (select 1 from decks d
        where d.campaign_id = $1 and d.merchant_code = x.merchant_code and d.business_date = $2
          and ($3::text is null or d.branch_code = $3) and ${cardsIn('d')} <= coalesce(d.used_slots, (${USED('count(*)', 'd')})))))
  order by x.merchant_code limit $7::integer)`

/** The deck of a merchant of `of` was another branch's: the merchant has moved since. */
function ANOTHERS(of: string): string {
  return `exists (select 1 from decks y where y.campaign_id = $1 and y.merchant_code = ${of}.merchant_code
    and y.business_date = $2 and y.branch_code <> $3)`
}

/** Something of the orders that hold a card of the deck `of`, by the index that keeps the cap. */
function USED(what: string, of: string): string {
  return `select ${what} from orders o where o.campaign_id = ${of}.campaign_id and o.merchant_code = ${of}.merchant_code
    and o.deck_date = ${of}.business_date and o.slot is not null and o.state <> 'closed'`
}

/** Of an archived date the deck itself tells, which was closed before: what its orders used is what it cost, but for what came back. */
const OF_ARCHIVED = `select d.used_slots as used, d.exposure_fen + d.returned_fen as "costFen", d.last_used_at as "lastAt"`

/** First the page, then what is to be told of its merchants: so a page costs the same among 20 and among 100,000. */
const PAGE: Statement = {
  name: 'campaign-merchants-page',
  text: `
    with page as (
      select * from (${arm('campaign_merchants', false)} union all ${arm('campaign_controls', true)}) both_lists
      order by merchant_code limit $7::integer
    )
    select p.merchant_code as "merchantCode", p.name, p.branch_code as "branchCode", b.name as "branchName",
      b.gl_account as "glAccount", p.control, ${cardsIn('d')} as total, u.used, u."costFen", u."lastAt",
      s.wanted_slots as wanted, s.dealt_slots as dealt, s.reason,
      (select coalesce(sum(t.orders), 0)::bigint from day_totals t where t.merchant_code = p.merchant_code
        and t.business_date = $2 and ($3::text is null or t.branch_code = $3)) as "orderCount",
      case when w.campaign_id <> $1 then w.name end as "overruledBy"
    from page p
    join branches b using (branch_code)
    left join decks d on d.campaign_id = $1 and d.merchant_code = p.merchant_code and d.business_date = $2
      and ($3::text is null or d.branch_code = $3)
    left join deck_shortages s on s.campaign_id = $1 and s.merchant_code = p.merchant_code and s.business_date = $2
      and not ${ANOTHERS('p')}
    cross join (select exists (select from archived_days where business_date = $2) as archived) x
    cross join lateral (
      ${USED(
        `count(*) as used, coalesce(sum(o.discount_fen) filter (where o.state = 'paid'), 0)::bigint as "costFen",
        max(o.created_at) as "lastAt"`,
        'd',
      )} and not (x.archived and d.used_slots is not null) having not (x.archived and d.used_slots is not null)
      union all ${OF_ARCHIVED} where x.archived and d.used_slots is not null
    ) u
    left join lateral (
      select * from (${applying('p.merchant_code', '$2')}) first where not p.control
        and exists (select 1 from campaigns own where own.campaign_id = $1 and ${standsOn('own', '$2')})
    ) w on true
    order by p.merchant_code`,
}

type Row = Omit<CampaignMerchant, 'deck' | 'shortage' | 'soldOutAt'> & {
  total: number | null
  used: number
  lastAt: number | null
  wanted: number | null
  dealt: number
  reason: 'campaign-budget' | 'branch-budget' | 'day-budget'
}

export async function campaignMerchants(
  sql: Sql,
  { campaignId, date, sight, q, only, cursor, limit }: Parameters<CampaignBook['merchants']>[0],
): Promise<{ items: CampaignMerchant[]; nextCursor?: string }> {
  const values = [campaignId, date, sight.branchCode, q || null, only ?? null, cursor ?? '', limit + 1]
  const rows = await sql.run<Row>(PAGE, values)
  const items = rows.slice(0, limit).map(merchantOf)
  const last = items.at(-1)
  return rows.length > limit && last ? { items, nextCursor: last.merchantCode } : { items }
}

function merchantOf({ total, used, lastAt, wanted, dealt, reason, ...row }: Row): CampaignMerchant {
  return {
    ...row,
    deck: total === null ? null : { total, used },
    shortage: wanted === null ? null : { wanted, dealt, reason },
    soldOutAt: total !== null && used >= total ? lastAt : null,
  }
}

const KNOWN: Statement = {
  name: 'campaign-known-codes',
  text: `
    select m.merchant_code as code, exists (
      select 1 from campaign_merchants x where x.campaign_id = $1 and x.merchant_code = m.merchant_code) as named
    from merchants m where m.merchant_code = any($2::text[]) and ($3::text is null or m.branch_code = $3)`,
}

export async function knownCodes(sql: Sql, campaignId: string, codes: readonly string[], { branchCode }: Sight) {
  const rows = await sql.run<{ code: string; named: boolean }>(KNOWN, [campaignId, codes, branchCode])
  return { named: rows.flatMap((row) => (row.named ? [row.code] : [])), exist: rows.map((row) => row.code) }
}

/** $1 campaign, $2 branch or null, $3 and $4 dates. Orders of other channels as their files say, else those that came through us. */
const CANDIDATES: Statement = {
  name: 'campaign-candidates',
  replan: true,
  text: `
    select m.merchant_code as "merchantCode", m.branch_code as "branchCode", (
        select coalesce(sum(s.orders), 0) from share_days s
        where s.merchant_code = m.merchant_code and s.business_date between $3::date and $4::date
      )::bigint + (
        select coalesce(sum(c.orders), 0) from (
          select distinct on (business_date) orders from other_counts
          where merchant_code = m.merchant_code and business_date between $3::date and $4::date
          order by business_date, revision desc
        ) c
      )::bigint as orders
    from (
      select merchant_code from campaign_merchants where campaign_id = $1
      union select merchant_code from campaign_controls where campaign_id = $1
    ) named join merchants m using (merchant_code)
    where $2::text is null or m.branch_code = $2`,
}

export function drawCandidates(
  sql: Sql,
  campaignId: string,
  { branchCode }: Sight,
  days: { from: string; to: string },
) {
  return sql.run<Candidate>(CANDIDATES, [campaignId, branchCode, days.from, days.to])
}

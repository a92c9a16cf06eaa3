import type { Dates, ReportKey, ReportRow, ReportScope } from '../../../flow/ports'
import type { Statement } from '../open-sql'
import { cardsIn } from '../rows'

/**
 * By what a report's rows are: the key of a count `t`, of a deck `d` and of a correction `c` at a merchant `m`, and the key's label.
 * Branch and account are those of order, deck and correction, wherever the merchant is now.
 */
interface Shape {
  countKey: string
  deckKey: string
  correctionKey: string
  label: string
  /** what selects the keys that have a row although nothing happened */
  known?: string
  /** the page's keys are merchants, so that no other merchant needs to be looked at */
  merchants?: boolean
}

const SHAPES: Record<ReportKey | 'total', Shape> = {
  total: { countKey: `''`, deckKey: `''`, correctionKey: `''`, label: `''` },
  day: {
    countKey: 't.business_date::text',
    deckKey: 'd.business_date::text',
    correctionKey: 'c.business_date::text',
    label: 'key',
  },
  branch: {
    countKey: 't.branch_code',
    deckKey: 'd.branch_code',
    correctionKey: 'c.branch_code',
    label: '(select name from branches where branch_code = key)',
    known: `branch_code from m where $4::text is null or branch_code = $4`,
  },
  merchant: {
    countKey: 'm.merchant_code',
    deckKey: 'm.merchant_code',
    correctionKey: 'm.merchant_code',
    label: '(select name from merchants where merchant_code = key)',
    known: 'merchant_code from m',
    merchants: true,
  },
  account: {
    // A wallet's order has none; a deck from before it was kept is its branch's of today.
    countKey: 't.gl_account',
    deckKey: 'coalesce(d.gl_account, (select b.gl_account from branches b where b.branch_code = d.branch_code))',
    correctionKey: 'c.account',
    label: `case when key = '' then '无科目'
      else (select string_agg(name, '、' order by branch_code) from branches where gl_account = key) end`,
  },
}

/**
 * $1 campaign, $2 and $3 dates, $4 branch or null, $5 after this key or null, $6 how many. Refunds count with the order whose
 * discount they bring back, whenever they were made, and corrections with the order that they put right. A branch's merchants are those that are its now, and those that were when an
 * order was paid or a deck dealt.
 */
const textOf = ({ countKey, deckKey, correctionKey, label, known, merchants }: Shape) => `
  with m as (
    select cm.merchant_code, mm.branch_code
    from campaign_merchants cm
    join merchants mm on mm.merchant_code = cm.merchant_code
    where cm.campaign_id = $1 and ($4::text is null or cm.merchant_code in (
        select merchant_code from merchants where branch_code = $4
        union all
        select merchant_code from day_totals where branch_code = $4 and business_date between $2::date and $3::date
        union all
        select merchant_code from decks where campaign_id = $1 and branch_code = $4 and business_date between $2::date and $3::date))
      ${merchants ? 'and ($5::text is null or cm.merchant_code > $5) order by cm.merchant_code limit $6::integer' : ''}
  ), ordered as (
    select ${countKey} as key, sum(t.orders)::bigint as orders,
      coalesce(sum(t.orders) filter (where t.campaign_id = $1), 0)::bigint as discounts,
      coalesce(sum(t.discount_fen) filter (where t.campaign_id = $1), 0)::bigint as discount_fen,
      coalesce(sum(t.payer_discount_fen) filter (where t.campaign_id = $1), 0)::bigint as payer_fen,
      coalesce(sum(t.merchant_reward_fen) filter (where t.campaign_id = $1), 0)::bigint as reward_fen,
      coalesce(sum(t.returned_fen) filter (where t.campaign_id = $1), 0)::bigint as gl_fen
    from m join day_totals t on t.merchant_code = m.merchant_code
    where t.business_date between $2::date and $3::date and ($4::text is null or t.branch_code = $4)
    group by key having sum(t.orders) > 0
  ), corrections as (
    select o.merchant_code, o.business_date, o.branch_code, x.account, x.fen
    from (
      select order_no, account, -amount_fen as fen from postings where correction_id is not null and role = 'gl'
      union all
      select r.order_no, coalesce(o.gl_account, ''), -r.gl_fen from refunds r join orders o using (order_no)
      where r.difference_id is not null and r.state = 'refunded'
    ) x join orders o using (order_no)
    where o.campaign_id = $1 and o.business_date between $2::date and $3::date and ($4::text is null or o.branch_code = $4)
  ), corrected as (
    select ${correctionKey} as key, sum(c.fen)::bigint as fen from m join corrections c on c.merchant_code = m.merchant_code
    group by 1
  ), dealt as (
    select ${deckKey} as key, d.business_date, ${cardsIn('d')} as cards, coalesce(d.used_slots, u.used) as used,
      coalesce(d.last_used_at, u.last_at) as last_at, max(d.business_date) over (partition by ${deckKey}) as last_day
    from m join decks d on d.campaign_id = $1 and d.merchant_code = m.merchant_code
    left join lateral (
      select count(*) as used, max(o.created_at) as last_at from orders o
      where d.used_slots is null and o.campaign_id = d.campaign_id and o.merchant_code = d.merchant_code
        and o.deck_date = d.business_date and o.slot is not null and o.state <> 'closed'
    ) u on true
    where d.business_date between $2::date and $3::date and ($4::text is null or d.branch_code = $4)
  ), decked as (
    select key, sum(cards)::bigint as cards, sum(cards - used)::bigint as left_over,
      case when bool_and(used >= cards) filter (where business_date = last_day)
        then max(last_at) filter (where business_date = last_day) end as sold_out_at
    from dealt group by key
  ), keys as (
    select key from ordered union select key from decked union select key from corrected ${known ? `union select ${known}` : ''}
  )
  select key, coalesce(${label}, key) as label, coalesce(orders, 0) as "orderCount", coalesce(discounts, 0) as "discountCount",
    coalesce(discount_fen, 0) as "discountFen", coalesce(payer_fen, 0) as "payerDiscountFen",
    coalesce(reward_fen, 0) as "merchantRewardFen", coalesce(gl_fen, 0) as "refundedSubsidyFen", coalesce(fen, 0) as "correctedFen",
    coalesce(cards, 0) as "slotsDealt", coalesce(left_over, 0) as "slotsLeft", sold_out_at as "soldOutAt"
  from keys left join ordered using (key) left join decked using (key) left join corrected using (key)
  where $5::text is null or key > $5
  order by key
  limit $6::integer`

const STATEMENTS = Object.fromEntries(
  Object.entries(SHAPES).map(([by, shape]) => [by, { name: `report-${by}`, text: textOf(shape) }]),
) as Record<ReportKey | 'total', Statement>

/** The statement of one page of rows, and its values. */
export function rowsQuery(
  { campaignId, branchCode }: ReportScope,
  { dates, by, after, limit }: { dates: Dates; by: ReportKey | 'total'; after: string | undefined; limit: number },
): { statement: Statement; values: unknown[] } {
  const values = [campaignId, dates.from, dates.to, branchCode, after ?? null, limit]
  return { statement: STATEMENTS[by], values }
}

export const NO_FIGURES: Omit<ReportRow, 'key' | 'label' | 'soldOutAt'> = {
  orderCount: 0,
  discountCount: 0,
  discountFen: 0,
  payerDiscountFen: 0,
  merchantRewardFen: 0,
  refundedSubsidyFen: 0,
  correctedFen: 0,
  slotsDealt: 0,
  slotsLeft: 0,
}

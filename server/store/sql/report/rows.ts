import type { Dates, ReportKey, ReportRow, ReportScope } from '../../../flow/ports'
import type { Statement } from '../open-sql'
import { cardsIn } from '../rows'
import type { Days } from './days'

/**
 * By what a report's rows are: the key of a count `t`, of a deck `d` and of a correction `c` at a merchant `m`, of what is summed of
 * a day's decks `k`, and the key's label. Branch and account are those of order, deck and correction, wherever the merchant is now.
 */
interface Shape {
  /** of what is summed of a day's orders, too */
  countKey: string
  deckKey: string
  summedDeckKey: string
  correctionKey: string
  label: string
  /** what selects the keys that have a row although nothing happened */
  known?: string
  /** the page's keys are merchants, so that no other merchant needs to be looked at */
  merchants?: boolean
}

const SHAPES: Record<ReportKey | 'total', Shape> = {
  total: { countKey: `''`, deckKey: `''`, summedDeckKey: `''`, correctionKey: `''`, label: `''` },
  day: {
    countKey: 't.business_date::text',
    deckKey: 'd.business_date::text',
    summedDeckKey: 'k.business_date::text',
    correctionKey: 'c.business_date::text',
    label: 'key',
  },
  branch: {
    countKey: 't.branch_code',
    deckKey: 'd.branch_code',
    summedDeckKey: `nullif(k.branch_code, '')`,
    correctionKey: 'c.branch_code',
    label: '(select name from branches where branch_code = key)',
    known: `branch_code from m where $4::text is null or branch_code = $4`,
  },
  merchant: {
    countKey: 't.merchant_code',
    deckKey: 'd.merchant_code',
    summedDeckKey: 'null',
    correctionKey: 'm.merchant_code',
    label: '(select name from merchants where merchant_code = key)',
    known: 'merchant_code from m',
    merchants: true,
  },
  account: {
    // A wallet's order has none; a deck from before it was kept is its branch's of today.
    countKey: 't.gl_account',
    deckKey: 'coalesce(d.gl_account, (select b.gl_account from branches b where b.branch_code = d.branch_code))',
    summedDeckKey: `coalesce(nullif(k.gl_account, ''), (select b.gl_account from branches b where b.branch_code = k.branch_code))`,
    correctionKey: 'c.account',
    label: `case when key = '' then '无科目'
      else (select string_agg(name, '、' order by branch_code) from branches where gl_account = key) end`,
  },
}

/** A date that is to be counted, since nobody has summed it. */
const counted = (date: string) => `${date} between $7::date and $8::date and ${date} <> all($9::date[])`

const summed = (table: string, alias: string) =>
  `${table} ${alias} where ${alias}.campaign_id = $1 and ${alias}.business_date = any($9::date[]) and ($4::text is null or ${alias}.branch_code = $4)`

/** Paid orders at the merchants: counts of theirs, and of days that are summed their sums, which know no merchant. */
const orderedOf = ({ countKey, merchants }: Shape) => `
    select ${countKey} as key, orders, case when of_it then orders else 0 end as discounts, case when of_it then discount_fen else 0 end as discount_fen,
      case when of_it then payer_discount_fen else 0 end as payer_fen, case when of_it then merchant_reward_fen else 0 end as reward_fen,
      case when of_it then returned_fen else 0 end as gl_fen
    from m join day_totals t using (merchant_code) cross join lateral (select t.campaign_id = $1 as of_it) x
    where ${counted('t.business_date')} and ($4::text is null or t.branch_code = $4)
    ${
      merchants
        ? ''
        : `union all select ${countKey}, orders, discounts, discount_fen, payer_discount_fen, merchant_reward_fen, returned_fen
    from ${summed('campaign_day_orders', 't')}`
    }`

const dealtOf = ({ deckKey, summedDeckKey, merchants }: Shape) => `
    select ${deckKey} as key, d.business_date, ${cardsIn('d')} as cards, ${cardsIn('d')} - u.used as left_over,
      u.used >= ${cardsIn('d')} as used_up, u.last_at
    from m join decks d on d.campaign_id = $1 and d.merchant_code = m.merchant_code
    cross join lateral (
      select d.used_slots as used, d.last_used_at as last_at where d.used_slots is not null
      union all
      select count(*), max(o.created_at) from orders o
      where d.used_slots is null and o.campaign_id = d.campaign_id and o.merchant_code = d.merchant_code
        and o.deck_date = d.business_date and o.slot is not null and o.state <> 'closed' having d.used_slots is null
    ) u
    where ${counted('d.business_date')} and ($4::text is null or d.branch_code = $4)
    ${merchants ? '' : `union all select ${summedDeckKey}, business_date, cards, left_over, used_up, last_used_at from ${summed('campaign_day_decks', 'k')}`}`

/**
 * $1 campaign, $2 and $3 dates, $4 branch or null, $5 after this key or null, $6 how many, $7 and $8 dates to be counted but for $9,
 * which are summed. Refunds count with the order whose discount they bring back, whenever they were made, and corrections with the
 * order that they put right. A branch's merchants are those that are its now, and those that were when an order was paid or a deck dealt.
 */
const textOf = (shape: Shape) => `
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
      ${shape.merchants ? 'and ($5::text is null or cm.merchant_code > $5) order by cm.merchant_code limit $6::integer' : ''}
  ), ordered as (
    select key, sum(orders)::bigint as orders, sum(discounts)::bigint as discounts, sum(discount_fen)::bigint as discount_fen,
      sum(payer_fen)::bigint as payer_fen, sum(reward_fen)::bigint as reward_fen, sum(gl_fen)::bigint as gl_fen
    from (${orderedOf(shape)}
    ) o group by key having sum(orders) > 0
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
    select ${shape.correctionKey} as key, sum(c.fen)::bigint as fen from m join corrections c on c.merchant_code = m.merchant_code
    group by 1
  ), dealt as (${dealtOf(shape)}
  ), dealt_days as (
    select key, business_date, sum(cards)::bigint as cards, sum(left_over)::bigint as left_over,
      case when bool_and(used_up) then max(last_at) end as sold_out_at
    from dealt group by key, business_date
  ), decked as (
    select key, sum(cards)::bigint as cards, sum(left_over)::bigint as left_over,
      (array_agg(sold_out_at order by business_date desc))[1] as sold_out_at
    from dealt_days group by key
  ), keys as (
    select key from ordered union select key from decked union select key from corrected ${shape.known ? `union select ${shape.known}` : ''}
  )
  select key, coalesce(${shape.label}, key) as label, coalesce(orders, 0) as "orderCount", coalesce(discounts, 0) as "discountCount",
    coalesce(discount_fen, 0) as "discountFen", coalesce(payer_fen, 0) as "payerDiscountFen",
    coalesce(reward_fen, 0) as "merchantRewardFen", coalesce(gl_fen, 0) as "refundedSubsidyFen", coalesce(fen, 0) as "correctedFen",
    coalesce(cards, 0) as "slotsDealt", coalesce(left_over, 0) as "slotsLeft", sold_out_at as "soldOutAt"
  from keys left join ordered using (key) left join decked using (key) left join corrected using (key)
  where $5::text is null or key > $5
  order by key
  limit $6::integer`

const STATEMENTS = Object.fromEntries(
  Object.entries(SHAPES).map(([by, shape]) => [by, { name: `report-by-${by}`, text: textOf(shape) }]),
) as Record<ReportKey | 'total', Statement>

/** The statement of one page of rows, and its values. */
export function rowsQuery(
  { campaignId, branchCode }: ReportScope,
  input: { dates: Dates; by: ReportKey | 'total'; after: string | undefined; limit: number },
  days: Days,
): { statement: Statement; values: unknown[] } {
  const { dates, by, after, limit } = input
  const { from, to, summed } = SHAPES[by].merchants ? { ...dates, summed: [] } : days
  const values = [campaignId, dates.from, dates.to, branchCode, after ?? null, limit, from, to, summed]
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

import { type Kysely, sql as raw } from 'kysely'
import { OWN_CHANNEL } from '../../../domain/channel'
import type { BookedDay } from '../../../flow/ports'
import { cardsIn } from '../rows'
import type { Tables } from '../tables'

/**
 * From the counts that are kept of each day; of orders only those are read that aren't paid, and the cards of decks that are still open. Of
 * a day on which another branch had orders too, nobody of this one can say which of the imported counts are its own.
 */
export async function merchantDaysBooked(
  db: Kysely<Tables>,
  merchantCode: string,
  { from, to }: { from: string; to: string },
  scope: string | null,
): Promise<BookedDay[]> {
  const ofBranch = (alias: string) => raw`(${scope}::text is null or ${raw.ref(`${alias}.branch_code`)} = ${scope})`
  const ofDays = (alias: string) => raw`
    ${raw.ref(`${alias}.merchant_code`)} = ${merchantCode}
    and ${raw.ref(`${alias}.business_date`)} between ${from}::date and ${to}::date`
  const { rows } = await raw<BookedDay>`
    with counted as (
      select business_date, sum(t.orders) as paid, sum(t.orders) filter (where channel = ${OWN_CHANNEL}) as own,
        sum(t.orders) filter (where discount_fen > 0) as discounted, sum(amount_fen) as amount_fen, sum(discount_fen) as discount_fen,
        sum(merchant_reward_fen) as reward_fen, sum(returned_fen) as returned_fen
      from day_totals t where ${ofDays('t')} and ${ofBranch('t')} group by 1
    ), unpaid as (
      select business_date, count(*) as orders from orders o
      where ${ofDays('o')} and ${ofBranch('o')} and state <> 'paid' group by 1
    ), others as (
      select distinct on (business_date) business_date, c.orders from other_counts c
      where ${ofDays('c')} and not exists (
        select 1 from day_totals t where t.merchant_code = c.merchant_code and t.business_date = c.business_date
          and t.orders > 0 and not ${ofBranch('t')})
      order by business_date, revision desc
    ), corrected as (
      select business_date, sum(x.fen) as fen from (
        select order_no, -amount_fen as fen from postings where correction_id is not null and role = 'gl'
        union all
        select order_no, -gl_fen from refunds where difference_id is not null and state = 'refunded'
      ) x join orders o using (order_no)
      where ${ofDays('o')} and ${ofBranch('o')} and o.campaign_id is not null group by 1
    ), decked as (
      select d.business_date, json_agg(json_build_object('campaignId', d.campaign_id, 'cards', ${raw.raw(cardsIn('d'))},
        'left', ${raw.raw(cardsIn('d'))} - coalesce(d.used_slots, u.used)) order by d.campaign_id) as decks
      from campaign_merchants cm cross join lateral (
        select * from decks d
        where d.campaign_id = cm.campaign_id and ${ofDays('d')} and ${ofBranch('d')} offset 0
      ) d left join lateral (
        select count(*) as used from orders o
        where d.used_slots is null and o.campaign_id = d.campaign_id and o.merchant_code = d.merchant_code
          and o.deck_date = d.business_date and o.slot is not null and o.state <> 'closed'
      ) u on true
      where cm.merchant_code = ${merchantCode} group by 1
    )
    select business_date::text as date, (coalesce(paid, 0) + coalesce(u.orders, 0))::bigint as orders,
      coalesce(paid, 0)::bigint as paid, coalesce(own, 0)::bigint as own, o.orders as others,
      coalesce(discounted, 0)::bigint as discounted, coalesce(amount_fen, 0)::bigint as "amountFen",
      coalesce(discount_fen, 0)::bigint as "discountFen", coalesce(reward_fen, 0)::bigint as "rewardFen",
      coalesce(returned_fen, 0)::bigint as "returnedFen", coalesce(x.fen, 0)::bigint as "correctedFen",
      coalesce(decks, '[]') as decks
    from (select day::date as business_date from generate_series(${from}::date, ${to}::date, interval '1 day') as day) days
    left join counted using (business_date) left join unpaid u using (business_date) left join others o using (business_date)
    left join corrected x using (business_date) left join decked using (business_date)
    order by business_date desc`.execute(db)
  return rows
}

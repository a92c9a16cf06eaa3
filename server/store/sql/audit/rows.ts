import type { Selectable } from 'kysely'
import type { Posting } from '../../../domain/posting'
import type { Rule } from '../../../domain/rule'
import type {
  AuditedCampaign,
  AuditedCorrection,
  AuditedDeck,
  AuditedMerchantDay,
  AuditedOrder,
  AuditedRefund,
  MerchantSummary,
} from '../../../flow/ports'
import { refundOf } from '../refund/rows'
import { deckOf, orderColumns, orderOf } from '../rows'
import type { DeckRow, OrderRow, RefundRow } from '../tables'

/** What the auditor reads one by one, each with all that belongs to it, in the order of its key. */

export const CAMPAIGNS = `
  select c.campaign_id as "campaignId", c.budget_fen as "budgetFen", c.committed_fen as "committedFen",
    (select coalesce(sum(d.exposure_fen), 0)::bigint from decks d where d.campaign_id = c.campaign_id) as "exposuresFen",
    coalesce((
      select jsonb_agg(jsonb_build_object('branchCode', b.branch_code, 'budgetFen', b.budget_fen, 'committedFen',
        b.committed_fen, 'exposuresFen', (
          select coalesce(sum(d.exposure_fen), 0)::bigint from decks d
          where d.campaign_id = b.campaign_id and d.branch_code = b.branch_code)) order by b.branch_code)
      from branch_budgets b where b.campaign_id = c.campaign_id), '[]') as branches
  from campaigns c order by c.campaign_id`
export type CampaignBooks = AuditedCampaign

export const DECKS = `
  select d.campaign_id, d.merchant_code, d.business_date, d.version, d.commitment, d.amounts_fen, d.dealt_at, d.exposure_fen,
    d.key_id, d.closed_at, used.slots as used_slots, used.fen as used_fen,
    coalesce(v.content -> 'rule', case when c.version = d.version then c.rule end) as rule
  from decks d
  cross join lateral (
    select count(*) as slots, coalesce(sum(d.amounts_fen[o.slot + 1]), 0)::bigint as fen from orders o
    where o.campaign_id = d.campaign_id and o.merchant_code = d.merchant_code and o.deck_date = d.business_date
      and o.slot is not null and o.state <> 'closed') as used
  left join campaigns c on c.campaign_id = d.campaign_id
  left join campaign_versions v on v.campaign_id = d.campaign_id and v.version = d.version
  order by d.campaign_id, d.merchant_code, d.business_date`
export type DeckBooks = DeckRow & { used_slots: number; used_fen: number; rule: Rule | null }

export function auditedDeck(row: DeckBooks): AuditedDeck {
  const { exposure_fen: exposureFen, closed_at: closedAt, used_slots: usedSlots, used_fen: usedFen, rule } = row
  return { deck: deckOf(row), exposureFen, closedAt, usedSlots, usedFen, rule }
}

const events = (table: string, key: string, of: string) => `
  coalesce((
    select jsonb_agg(jsonb_build_object('eventId', e.event_id, 'kind', e.kind, 'outcome', e.outcome, 'conflict', e.conflict,
      'at', e.at) order by e.event_id)
    from ${table} e where e.${key} = ${of}.${key}), '[]')`

export const ORDERS = `
  select ${orderColumns('o')},
    d.amounts_fen[o.slot + 1] as card_fen,
    coalesce(v.content #>> '{rule,payerPercent}', case when c.version = d.version then c.rule ->> 'payerPercent' end)::integer
      as payer_percent,
    ${events('order_events', 'order_no', 'o')} as events,
    coalesce((
      select jsonb_agg(jsonb_build_object('account', p.account, 'role', p.role, 'amountFen', p.amount_fen,
        'refundNo', p.refund_no) order by p.posting_id)
      from postings p where p.order_no = o.order_no and p.correction_id is null), '[]') as postings,
    coalesce((
      select jsonb_agg(jsonb_build_object('row', to_jsonb(r), 'corrects', r.difference_id is not null, 'events', ${events('refund_events', 'refund_no', 'r')})
        order by r.refund_no)
      from refunds r where r.order_no = o.order_no), '[]') as refunds,
    (select count(*) from channel_requests q where q.order_no = o.order_no) as requests
  from orders o
  left join decks d
    on d.campaign_id = o.campaign_id and d.merchant_code = o.merchant_code and d.business_date = o.deck_date
  left join campaigns c on c.campaign_id = o.campaign_id
  left join campaign_versions v on v.campaign_id = d.campaign_id and v.version = d.version
  order by o.order_no`
export type OrderBooks = OrderRow & {
  card_fen: number | null
  payer_percent: number | null
  refunds: ({ row: Selectable<RefundRow> } & Pick<AuditedRefund, 'events' | 'corrects'>)[]
} & Pick<AuditedOrder, 'events' | 'postings' | 'requests'>

export function auditedOrder(row: OrderBooks): AuditedOrder {
  const { card_fen: cardFen, payer_percent: payerPercent, events, postings, requests } = row
  const refunds = row.refunds.map(({ row: refund, ...rest }) => ({ refund: refundOf(refund), ...rest }))
  return { order: orderOf(row), cardFen, payerPercent, events, postings, refunds, requests }
}

/** An accepted difference has an entry for each correction, under the name that the correction has in the books. */
export const CORRECTIONS = `
  select coalesce(p.id, a.id) as "correctionId", coalesce(p.postings, '[]') as postings, a.postings as accepted
  from (
    select correction_id as id,
      jsonb_agg(jsonb_build_object('account', account, 'role', role, 'amountFen', amount_fen)) as postings
    from postings where correction_id is not null group by correction_id
  ) p
  full join (
    select d.difference_id || '/' || e.n as id, e.entry -> 'postings' as postings
    from differences d cross join jsonb_array_elements(d.proposal -> 'entries') with ordinality as e(entry, n)
    where d.state = 'accepted'
  ) a on a.id = p.id
  order by 1`
export type CorrectionBooks = AuditedCorrection & { accepted: Posting[] | null }

/**
 * A merchant's day from events and postings: what was paid by the events of orders, what went back by those of refunds, and
 * what its account received by its own postings. A refund is the merchant's whose order it is of; one that corrects what the
 * bank booked gives back what was never counted.
 */
export const MERCHANT_DAYS = `
  select merchant_code, business_date,
    sum(orders)::bigint as "orderCount", sum(amount_fen)::bigint as "amountFen",
    sum(rewards)::bigint as "rewardCount", sum(reward_fen)::bigint as "rewardFen",
    sum(refunds)::bigint as "refundCount", sum(refunded_fen)::bigint as "refundedFen",
    sum(received_fen)::bigint as "receivedFen"
  from (
    select merchant_code, business_date, 0 as orders, 0 as amount_fen, 0 as rewards, 0 as reward_fen, 0 as refunds,
      0 as refunded_fen, 0 as received_fen
    from orders
    union all
    select merchant_code, business_date, 0, 0, 0, 0, 0, 0, 0 from refunds
    union all
    select o.merchant_code, o.business_date, 1, o.amount_fen, (o.merchant_reward_fen > 0)::integer, o.merchant_reward_fen,
      0, 0, 0
    from order_events e join orders o on o.order_no = e.order_no where e.kind = 'paid'
    union all
    select o.merchant_code, r.business_date, 0, 0, 0, 0, 1, 0, 0
    from refund_events e join refunds r on r.refund_no = e.refund_no join orders o on o.order_no = r.order_no
    where e.kind = 'refunded' and r.difference_id is null
    union all
    select o.merchant_code, coalesce(r.business_date, o.business_date), 0, 0, 0, 0, 0,
      case when r.refund_no is null then 0 else -p.amount_fen end, p.amount_fen
    from postings p join orders o on o.order_no = p.order_no left join refunds r on r.refund_no = p.refund_no
    where p.role = 'merchant' and p.correction_id is null and r.difference_id is null
  ) parts
  group by merchant_code, business_date
  order by merchant_code, business_date`
export type MerchantDayBooks = MerchantSummary & { merchant_code: string; business_date: string }

export function auditedMerchantDay(row: MerchantDayBooks, told: MerchantSummary): AuditedMerchantDay {
  const { merchant_code: merchantCode, business_date: businessDate, ...recomputed } = row
  return { merchantCode, businessDate, recomputed, told }
}

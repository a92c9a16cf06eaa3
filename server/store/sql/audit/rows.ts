import type { Selectable } from 'kysely'
import type { Posting } from '../../../domain/posting'
import { type DaySums, type Settlement, sumsOf } from '../../../domain/settlement'
import type {
  AuditedCampaign,
  AuditedCorrection,
  AuditedDeck,
  AuditedMerchantDay,
  AuditedOrder,
  AuditedRefund,
} from '../../../flow/ports'
import { settlementsOf } from '../payment/merchant-day'
import { EVENTS, POSTINGS } from '../payment/pack-books'
import { refundOf } from '../refund/rows'
import { deckOf, orderColumns, orderOf } from '../rows'
import type { DeckRow, OrderRow, RefundRow } from '../tables'
import { type Scope, within } from './scope'

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

/** Exposure as it is once what is noted (`deck_returns`) has been taken back; of a card only where its deck is closed. */
export const DECKS = (scope: Scope) => `
  with back as materialized (
    select o.campaign_id, o.merchant_code, o.deck_date, sum(fen)::bigint as fen
    from (
      select order_no, gl_fen as fen from refunds where state = 'refunded'
      union all
      select order_no, amount_fen from postings where correction_id is not null and role = 'gl'
    ) moved join orders o using (order_no)
    where o.slot is not null group by 1, 2, 3
  ), due as materialized (
    select campaign_id, merchant_code, deck_date, coalesce(sum(fen) filter (where cards = 0), 0)::bigint as fen,
      coalesce(sum(fen) filter (where cards = 1), 0)::bigint as cards_fen
    from deck_returns group by 1, 2, 3
  )
  select d.campaign_id, d.merchant_code, d.business_date, d.version, d.commitment, d.amounts_fen, d.sealed, d.dealt_at,
    d.exposure_fen - coalesce(due.fen, 0) - case when d.closed_at is null then 0 else coalesce(due.cards_fen, 0) end
      as exposure_fen,
    d.key_id, d.beacon, d.closed_at, used.slots as used_slots, coalesce(back.fen, 0) as returned_fen,
    coalesce(v.content -> 'rule', case when c.version = d.version then c.rule end) as rule,
    case when v.secret_commitment is not null then
      jsonb_build_object('keyId', v.key_id, 'commitment', v.secret_commitment, 'at', v.secret_at) end as secret,
    case when b.noted_at is not null then jsonb_build_object('pulse', b.pulse, 'at', b.noted_at) end as noted
  from decks d
  cross join lateral (
    select coalesce(array_agg(o.slot order by o.slot), '{}') as slots from orders o
    where o.campaign_id = d.campaign_id and o.merchant_code = d.merchant_code and o.deck_date = d.business_date
      and o.slot is not null and o.state <> 'closed') as used
  left join back on (back.campaign_id, back.merchant_code, back.deck_date) = (d.campaign_id, d.merchant_code, d.business_date)
  left join due on (due.campaign_id, due.merchant_code, due.deck_date) = (d.campaign_id, d.merchant_code, d.business_date)
  left join campaigns c on c.campaign_id = d.campaign_id
  left join campaign_versions v on v.campaign_id = d.campaign_id and v.version = d.version
  left join beacons b on b.business_date = d.business_date
  where ${within(scope, 'd.business_date')}
  order by d.campaign_id, d.merchant_code, d.business_date`
export type DeckBooks = DeckRow & { used_slots: number[]; returned_fen: number } & Pick<
    AuditedDeck,
    'rule' | 'secret' | 'noted'
  >

export function auditedDeck(row: DeckBooks): AuditedDeck {
  const {
    exposure_fen: exposureFen,
    closed_at: closedAt,
    used_slots: usedSlots,
    returned_fen: returnedFen,
    rule,
    secret,
    noted,
  } = row
  return { deck: deckOf(row), exposureFen, closedAt, usedSlots, returnedFen, rule, secret, noted }
}

/** JSON as text, and not binary first: a fifth of the whole for a million orders. */
const EVENT = `json_agg(json_build_object('eventId', e.event_id, 'kind', e.kind, 'outcome', e.outcome, 'conflict', e.conflict,
      'at', e.at) order by e.event_id)`
const events = (table: string, key: string, of: string) => `
  coalesce((
    select ${EVENT}
    from ${table} e where e.${key} = ${of}.${key}), '[]')`

export const ORDERS = `
  select ${orderColumns('o')},
    d.amounts_fen[o.slot + 1] as card_fen, d.commitment as dealt_commitment, d.sealed, d.version, d.dealt_at, d.key_id,
    coalesce(v.content #>> '{rule,payerPercent}', case when c.version = d.version then c.rule ->> 'payerPercent' end)::integer
      as payer_percent,
    ${events('order_events', 'order_no', 'o')} as events,
    coalesce((
      select json_agg(json_build_object('account', p.account, 'role', p.role, 'amountFen', p.amount_fen,
        'refundNo', p.refund_no) order by p.posting_id)
      from postings p where p.order_no = o.order_no and p.correction_id is null), '[]') as postings,
    pe.events as packed_events, pp.postings as packed_postings,
    coalesce((
      select json_agg(json_build_object('row', to_json(r), 'corrects', r.difference_id is not null, 'inputHash', r.input_hash, 'events', ${events('refund_events', 'refund_no', 'r')})
        order by r.refund_no)
      from refunds r where r.order_no = o.order_no), '[]') as refunds,
    (q.order_no is not null)::integer + coalesce(x.count, 0) as requests,
    case when jsonb_typeof(coalesce(q.request, x.request)) = 'object' then coalesce(q.request, x.request) end as request
  from orders o
  left join channel_requests q on q.order_no = o.order_no
  left join (
    select order_no, count(*)::integer as count, (array_agg(request))[1] as request from packed_papers group by order_no
  ) x on x.order_no = o.order_no
  left join (select e.order_no, ${EVENT} as events from packed_events e group by e.order_no) pe on pe.order_no = o.order_no
  left join (
    select p.order_no, json_agg(json_build_object('account', p.account, 'role', p.role, 'amountFen', p.amount_fen, 'refundNo', null)
      order by p.posting_id) as postings
    from packed_postings p group by p.order_no
  ) pp on pp.order_no = o.order_no
  left join decks d
    on d.campaign_id = o.campaign_id and d.merchant_code = o.merchant_code and d.business_date = o.deck_date
  left join campaigns c on c.campaign_id = o.campaign_id
  left join campaign_versions v on v.campaign_id = d.campaign_id and v.version = d.version
  order by o.order_no`
export type OrderBooks = OrderRow & {
  card_fen: number | null
  dealt_commitment: string | null
  /** of its deck while that is sealed, as the other columns of the deck */
  sealed: DeckRow['sealed']
  version: number
  dealt_at: number
  key_id: string | null
  payer_percent: number | null
  /** before those that aren't packed */
  packed_events: AuditedOrder['events'] | null
  packed_postings: AuditedOrder['postings'] | null
  refunds: ({ row: Selectable<RefundRow> } & Pick<AuditedRefund, 'events' | 'corrects' | 'inputHash'>)[]
} & Pick<AuditedOrder, 'events' | 'postings' | 'requests' | 'request'>

export function auditedOrder(row: OrderBooks): AuditedOrder {
  const { card_fen: cardFen, dealt_commitment: deckCommitment, payer_percent: payerPercent, requests, request } = row
  const events = [...(row.packed_events ?? []), ...row.events]
  const postings = [...(row.packed_postings ?? []), ...row.postings]
  const refunds = row.refunds.map(({ row: refund, ...rest }) => ({ refund: refundOf(refund), ...rest }))
  const order = orderOf(row)
  const { sealed, version, dealt_at: dealtAt, key_id: keyId } = row
  const sealedDeck = sealed &&
    order.card &&
    deckCommitment && {
      ...order.card,
      merchantCode: order.merchantCode,
      version,
      commitment: deckCommitment,
      cards: sealed,
      dealtAt,
      keyId,
    }
  return {
    order,
    cardFen,
    sealedDeck: sealedDeck || null,
    deckCommitment,
    payerPercent,
    events,
    postings,
    refunds,
    requests,
    request,
  }
}

/** Of days alone: whose corrections were taken with them. */
const ofThem = (scope: Scope) =>
  scope.taken ? 'd.difference_id in (select difference_id from audited_differences)' : 'true'

/** An accepted difference has an entry for each correction, under the name that the correction has in the books. */
export const CORRECTIONS = (scope: Scope) => `
  select coalesce(p.id, a.id) as "correctionId", coalesce(p.postings, '[]') as postings, a.postings as accepted
  from (
    select correction_id as id,
      jsonb_agg(jsonb_build_object('account', account, 'role', role, 'amountFen', amount_fen)) as postings
    from postings where correction_id is not null group by correction_id
  ) p
  full join (
    select d.difference_id || '/' || e.n as id, e.entry -> 'postings' as postings
    from differences d cross join jsonb_array_elements(d.proposal -> 'entries') with ordinality as e(entry, n)
    where d.state = 'accepted' and ${ofThem(scope)}
    union all
    select d.difference_id || '/paid', d.payment -> 'postings' from differences d where d.payment is not null and ${ofThem(scope)}
  ) a on a.id = p.id
  order by 1`
export type CorrectionBooks = AuditedCorrection & { accepted: Posting[] | null }

/**
 * A merchant's day from events and postings: what was paid by the events of orders, what went back by those of refunds, and
 * what its account received by its own postings. A refund is the merchant's whose order it is of; one that corrects what the
 * bank booked gives back what was never counted. Beside it what the ledger tells the merchant, by its own statement.
 */
export const MERCHANT_DAYS = (scope: Scope) => `
  select d.*, (select coalesce(jsonb_agg(s), '[]') from (${settlementsOf('d.merchant_code', 'd.business_date', { withArchived: false })}) s) as told
  from (select merchant_code, business_date,
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
    from ${EVENTS} e join orders o on o.order_no = e.order_no where e.kind = 'paid'
    union all
    select o.merchant_code, r.business_date, 0, 0, 0, 0, 1, 0, 0
    from refund_events e join refunds r on r.refund_no = e.refund_no join orders o on o.order_no = r.order_no
    where e.kind = 'refunded' and r.difference_id is null
    union all
    select o.merchant_code, coalesce(r.business_date, o.business_date), 0, 0, 0, 0, 0,
      case when r.refund_no is null then 0 else -p.amount_fen end, p.amount_fen
    from ${POSTINGS} p join orders o on o.order_no = p.order_no left join refunds r on r.refund_no = p.refund_no
    where p.role = 'merchant' and p.correction_id is null and r.difference_id is null
  ) parts
  where ${within(scope, 'business_date')}
  group by merchant_code, business_date) d
  order by merchant_code, business_date`
export type MerchantDayBooks = DaySums & { merchant_code: string; business_date: string; told: Settlement[] }

export function auditedMerchantDay(row: MerchantDayBooks): AuditedMerchantDay {
  const { merchant_code: merchantCode, business_date: businessDate, told, ...recomputed } = row
  return { merchantCode, businessDate, recomputed, told: sumsOf(told) }
}

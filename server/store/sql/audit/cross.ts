import type { CrossCheck } from '../../../flow/ports'
import { LAST_WEEK } from '../payment/payer-days'
import { ARCHIVE_DIFFERS, ARCHIVED_SUMS_WRONG } from './archives'
import { APPROVAL_WRONG, CAMPAIGN_LIST_WRONG, CAMPAIGN_STATE_WRONG, TERMS_NOT_APPROVED } from './campaigns'
import { LOG_CUT_OFF, NOT_AS_CHAINED, SEAL_DIFFERS } from './chained'
import { DAY_OVER_BUDGET, DECK_OUTSIDE_WINDOW } from './hours'
import { AGREEMENT_WRONG, DECK_TIME_WRONG, RECONCILIATION_WRONG, SHORTAGE_WRONG } from './kept'
import { PACKED_NUMBER_WRONG } from './packed'
import { BINDING_WRONG, CHANGE_WRONG, PARTY_WRONG } from './parties'
import { type Scope, type Scoped, taken, within } from './scope'
import { SHARE_DAY_WRONG } from './share-days'
import { BANK_DIFFERS, NOT_AT_BANK, STATEMENT_CHANGED } from './statements'

const DAY_FIGURES = [
  'orders',
  'amount_fen',
  'discount_fen',
  'payer_discount_fen',
  'merchant_reward_fen',
  'returned_fen',
  'refunds',
  'refunded_payer_fen',
  'refunded_merchant_fen',
  'refunded_gl_fen',
]

/** From which date on each payer's day is there. Of days alone it isn't seen when the last order was. */
const REMEMBERED = ({ taken }: Scope) =>
  `(select least(coalesce(max(before_date), date '2000-01-01')${taken ? '' : `, ${LAST_WEEK}`}) from payer_days_pruned)`

const LISTED = `concat(channel, ', to be asked about at ' || next_query_at, ', its slot to be given back at ' || slot_return_at)`

/** Where a day by itself shows nothing. */
const NONE = `select null as subject, null as detail where false`

/** Each gives one row a violation: `subject`, `detail`. */
export const CROSS: Record<CrossCheck, Scoped> = {
  'slot-used-twice': `
    select 'deck ' || campaign_id || '/' || merchant_code || '/' || deck_date as subject,
      'slot ' || slot || ': ' || string_agg(order_no, ', ' order by order_no) as detail
    from orders where slot is not null and state <> 'closed'
    group by campaign_id, merchant_code, deck_date, slot having count(*) > 1
    order by 1, 2`,

  'deck-outside-window': DECK_OUTSIDE_WINDOW,
  'day-over-budget': DAY_OVER_BUDGET,

  'quote-used-twice': `
    select 'order ' || min(order_no) as subject, 'one quote: ' || string_agg(order_no, ', ' order by order_no) as detail
    from orders group by quote_nonce having count(*) > 1
    order by 1`,

  // Its key is live until it is pruned (payment/prune-keys.ts), and packed with its papers; both say the same.
  'key-not-once': `
    select 'order ' || o.order_no as subject,
      count(k.order_no) || ' idempotency keys, ' || count(*) filter (where k.packed) || ' of them packed, '
        || count(*) filter (where k.payer_id <> o.payer_id) || ' another payer''s' as detail
    from orders o left join (
      select order_no, payer_id, key || ' ' || input_hash as says, false as packed from idempotency_keys
      union all
      select order_no, null, key || ' ' || input_hash, true from packed_papers where key is not null
    ) k on k.order_no = o.order_no
    group by o.order_no, o.created_at
    having count(*) filter (where not k.packed) > 1 or count(*) filter (where k.packed) > 1 or bool_or(k.payer_id <> o.payer_id)
      or min(k.says) is null or min(k.says) <> max(k.says)
      or count(*) filter (where not k.packed) = 0 and o.created_at >= (select coalesce(max(before_at), 0) from idempotency_keys_pruned)
    order by 1`,

  // Packs stay when their orders are archived (archive/).
  'order-missing': (scope) => `
    select 'order ' || order_no as subject, 'only left in ' || string_agg(distinct tab, ', ' order by tab) as detail
    from (${['idempotency_keys', 'channel_requests', 'order_events', 'postings', 'packed_events', 'packed_postings', 'refunds', 'outbox'].map(orphans('orders', 'order_no')).join(' union all ')}
      union all ${orphans('orders', 'order_no')('packed_papers')} and ${within(scope, 't.business_date')}) x
    group by order_no order by 1`,

  'refund-missing': `
    select 'refund ' || refund_no as subject, 'only left in ' || string_agg(distinct tab, ', ' order by tab) as detail
    from (${['refund_events', 'postings'].map(orphans('refunds', 'refund_no')).join(' union all ')}) x
    group by refund_no order by 1`,

  // A correction's refund gives back what its accepted difference says, and each of those has its refund; nothing else gives
  // back what wasn't paid.
  'correction-refund-wrong': (scope) => `
    select coalesce('refund ' || r.refund_no, 'difference ' || d.difference_id) as subject,
      case when d.difference_id is null then 'of an order that was not paid, and no accepted difference asks for it'
        when r.refund_no is null then 'accepted with a refund that is not there'
        else 'should give back ' || d.refund::text || ', gives back ' || r.payer_fen end as detail
    from (
      select r.* from refunds r join orders o on o.order_no = r.order_no
      where o.state <> 'paid' or r.difference_id is not null
    ) r
    full join (
      select difference_id, order_no, proposal -> 'refund' as refund from differences
      where state = 'accepted' and jsonb_typeof(proposal -> 'refund') = 'object' and ${taken(scope, 'order_no')}
    ) d on r.difference_id = d.difference_id and r.order_no = d.order_no
    where d.difference_id is null or r.refund_no is null
      or d.refund <> jsonb_build_object('payerFen', r.payer_fen, 'merchantFen', r.merchant_fen, 'glFen', r.gl_fen)
    order by 1`,

  // Of dates that were forgotten (payment/payer-days.ts) nothing is missed; what is left of them is still what its orders say.
  'payer-day-wrong': (scope) => `
    select 'payer day ' || payer_id || '/' || business_date || '/' || channel as subject,
      'should be ' || sum(expected_fen) || ', is ' || sum(found_fen) as detail
    from (
      select payer_id, business_date, channel, amount_fen as expected_fen, 0 as found_fen, 0 as kept from orders where state <> 'closed'
      union all
      select payer_id, business_date, channel, 0, spent_fen, 1 from payer_days
    ) x
    where ${within(scope, 'business_date')}
    group by payer_id, business_date, channel having sum(expected_fen) <> sum(found_fen)
      and (sum(kept) > 0 or business_date >= ${REMEMBERED(scope)})
    order by 1`,

  // Of dates that were forgotten (payment/person-cards.ts) nothing is missed; what is left of them is still some order's. What one may
  // have is held against the terms of when the last was opened, which the row keeps.
  'person-cards-wrong': (scope) => `
    with held as (
      select campaign_id, deck_date, holder, array_agg(merchant_code || ' ' || order_no order by merchant_code || ' ' || order_no) as cards
      from orders o cross join lateral (
        select 'payer ' || o.payer_id as holder
        union
        select 'account ' || a.account from agreements a where a.agreement_id = o.payer_ref and a.payer_id = o.payer_id
      ) holders
      where slot is not null and state <> 'closed' and ${within(scope, 'deck_date')}
      group by campaign_id, deck_date, holder
    ), written as (
      select campaign_id, deck_date, holder, most, most_each,
        array(select card from unnest(cards) card order by 1) as cards
      from payer_cards where ${within(scope, 'deck_date')}
    )
    select 'cards of ' || holder || ' in ' || campaign_id || '/' || deck_date as subject,
      'should be ' || coalesce(array_to_string(h.cards, ', '), 'none') || ', are ' || coalesce(array_to_string(w.cards, ', '), 'none')
        || coalesce(', of at most ' || w.most, '') || coalesce(', at a merchant ' || w.most_each, '') as detail
    from held h full join written w using (campaign_id, deck_date, holder)
    where case when deck_date < (select coalesce(max(before_date), date '2000-01-01') from payer_cards_pruned)
        then not coalesce(w.cards, '{}') <@ coalesce(h.cards, '{}')
        else coalesce(w.cards, '{}') <> coalesce(h.cards, '{}') end
      or cardinality(w.cards) > w.most or most_at_one_merchant(w.cards) > w.most_each
    order by 1`,

  // What ended before the horizon was pruned, and so has no rows any more (payment/prune-outbox.ts).
  'outbox-not-once': `
    with pruned as (select coalesce(max(before_at), 0) as before_at from outbox_pruned)
    select 'order ' || order_no as subject, 'should be told ' || sum(expected) || ' times, is ' || sum(found) as detail
    from (
      select o.order_no, o.merchant_code, 1 as expected, 0 as found from orders o, pruned
      where o.state = 'paid' and o.ended_at >= pruned.before_at
      union all
      select r.order_no, o.merchant_code, 1, 0 from pruned, refunds r join orders o on o.order_no = r.order_no
      where r.state = 'refunded' and r.ended_at >= pruned.before_at
      union all
      select order_no, merchant_code, 0, 1 from outbox
    ) x
    group by order_no, merchant_code having sum(expected) <> sum(found)
    order by 1`,

  // What a sweeper finds work by (payment/open-orders.ts): an order that isn't in it is asked about by nobody.
  'open-order-wrong': (scope) => `
    select 'order ' || order_no as subject, 'should be listed as ' || coalesce(o.listed, 'nothing') || ', is as ' || coalesce(p.listed, 'nothing') as detail
    from (
      select order_no, ${LISTED} as listed from orders where state = 'paying' or slot_return_at is not null
    ) o
    full join (select order_no, ${LISTED} as listed from open_orders where ${taken(scope, 'order_no')}) p using (order_no)
    where o.listed is distinct from p.listed
    order by 1`,

  'packed-number-wrong': PACKED_NUMBER_WRONG,

  // A deck from before its account was kept says nothing of it.
  'branch-wrong': `
    select 'order ' || o.order_no as subject, 'should be of ' || d.branch_code || ' on ' || d.gl_account || ' as its deck, is of '
      || coalesce(o.branch_code, 'no branch') || ' on ' || coalesce(o.gl_account, 'no account') as detail
    from orders o join decks d
      on d.campaign_id = o.campaign_id and d.merchant_code = o.merchant_code and d.business_date = o.deck_date
    where d.gl_account is not null and (o.branch_code, o.gl_account) is distinct from (d.branch_code, d.gl_account)
    union all
    select 'refund ' || r.refund_no, 'should be of ' || coalesce(o.branch_code, 'no branch') || ' as its order, is of '
      || coalesce(r.branch_code, 'no branch')
    from refunds r join orders o on o.order_no = r.order_no where r.branch_code is distinct from o.branch_code
    order by 1`,

  // What takes a merchant's reward back is what two people agreed on, and all of that.
  'claw-back-unasked': (scope) => `
    select 'refund ' || coalesce(r.refund_no, w.refund_no) as subject,
      case when w.refund_no is null then 'takes ' || r.merchant_fen || ' back, and no two people agreed on it'
        when r.refund_no is null then 'agreed on, and not there'
        else 'should take ' || w.fen || ' back of ' || w.order_no || ', takes ' || r.merchant_fen || ' of ' || r.order_no end as detail
    from (select * from refunds where payer_fen = 0) r
    full join (
      select e ->> 'refundNo' as refund_no, e ->> 'orderNo' as order_no, (e ->> 'fen')::bigint as fen
      from change_requests c cross join jsonb_array_elements(c.after -> 'orders') e
      where c.kind = 'farming.claw-back' and c.state = 'applied' and ${taken(scope, `e ->> 'orderNo'`)}
    ) w on w.refund_no = r.refund_no
    where (r.order_no, r.merchant_fen) is distinct from (w.order_no, w.fen)
    order by 1`,

  // What operators gave back is what two of them agreed on, and all of that.
  'desk-refund-unasked': (scope) => `
    select 'refund ' || coalesce(r.refund_no, w.refund_no) as subject,
      case when w.refund_no is null then 'gives ' || r.payer_fen || ' back, and no two people agreed on it'
        when r.refund_no is null then 'agreed on, and not there'
        else 'should give ' || w.payer_fen || ' of ' || w.order_no || ' back, gives ' || r.payer_fen || ' of ' || r.order_no end as detail
    from (select * from refunds where idempotency_key like 'change %') r
    full join (
      select c.after ->> 'refundNo' as refund_no, substr(c.subject, length('order/') + 1) as order_no,
        (c.after ->> 'payerFen')::bigint as payer_fen, (c.after ->> 'glFen')::bigint as gl_fen, 'change ' || c.change_id as key
      from change_requests c where c.kind = 'order.refund' and c.state = 'applied' and ${taken(scope, `substr(c.subject, length('order/') + 1)`)}
    ) w on w.refund_no = r.refund_no
    where (r.order_no, r.payer_fen, r.gl_fen, r.idempotency_key) is distinct from (w.order_no, w.payer_fen, w.gl_fen, w.key)
    order by 1`,

  'day-total-wrong': (scope) => `
    select 'day total ' || concat_ws('/', merchant_code, business_date, channel, branch_code, gl_account, campaign_id) as subject,
      detail
    from (select * from counted_day_totals where ${within(scope, 'business_date')}) c
    full join (select * from day_totals where ${within(scope, 'business_date')}) t using (merchant_code, business_date, channel, campaign_id, branch_code, gl_account)
    cross join lateral (
      select string_agg(name || ' should be ' || coalesce(expected, 0) || ', is ' || coalesce(found, 0), '; ') as detail
      from (values ${DAY_FIGURES.map((name) => `('${name}', c.${name}, t.${name})`).join(', ')}) f(name, expected, found)
      where coalesce(expected, 0) <> coalesce(found, 0)
    ) differing
    where detail is not null
    order by 1`,

  'campaign-day-wrong': (scope) => `
    select 'campaign day ' || concat_ws('/', campaign_id, business_date, branch_code, gl_account, channel) as subject,
      'should be ' || coalesce(c.fields::text, 'none') || ', is ' || coalesce(k.fields::text, 'none') as detail
    from (
      select o.campaign_id, o.business_date, o.branch_code, o.gl_account, o.channel, to_jsonb(o) as fields
      from counted_campaign_day_orders o join campaign_day_sums using (campaign_id, business_date)
      where ${within(scope, 'o.business_date')}
      union all
      select d.campaign_id, d.business_date, d.branch_code, d.gl_account, '', to_jsonb(d)
      from counted_campaign_day_decks d join campaign_day_sums using (campaign_id, business_date)
      where ${within(scope, 'd.business_date')}
    ) c full join (
      select o.campaign_id, o.business_date, o.branch_code, o.gl_account, o.channel, to_jsonb(o) as fields from campaign_day_orders o
      where ${within(scope, 'o.business_date')}
      union all
      select d.campaign_id, d.business_date, d.branch_code, d.gl_account, '', to_jsonb(d) from campaign_day_decks d
      where ${within(scope, 'd.business_date')}
    ) k using (campaign_id, business_date, branch_code, gl_account, channel)
    where c.fields is distinct from k.fields
    order by 1`,

  'share-day-wrong': SHARE_DAY_WRONG,
  'archived-sums-wrong': (scope) => (scope.taken ? NONE : ARCHIVED_SUMS_WRONG(scope)),

  'terms-not-approved': TERMS_NOT_APPROVED,
  'approval-wrong': APPROVAL_WRONG,
  'campaign-list-wrong': CAMPAIGN_LIST_WRONG,
  'campaign-state-wrong': CAMPAIGN_STATE_WRONG,
  'change-wrong': CHANGE_WRONG,
  'party-wrong': PARTY_WRONG,
  'binding-wrong': BINDING_WRONG,
  'reconciliation-wrong': RECONCILIATION_WRONG,
  'agreement-wrong': AGREEMENT_WRONG,
  'shortage-wrong': SHORTAGE_WRONG,
  'deck-time-wrong': DECK_TIME_WRONG,

  'not-as-chained': NOT_AS_CHAINED,
  'log-cut-off': LOG_CUT_OFF,
  'seal-differs': SEAL_DIFFERS,
  'archive-differs': ARCHIVE_DIFFERS,

  'statement-changed': STATEMENT_CHANGED,
  'bank-differs': BANK_DIFFERS,
  'not-at-bank': NOT_AT_BANK,
}

/** Rows that name what isn't there; the constraints that forbid it may have been lifted. */
function orphans(owner: string, key: string): (table: string) => string {
  return (table) => `
    select t.${key}, '${table}' as tab from ${table} t
    where t.${key} is not null and not exists (select 1 from ${owner} o where o.${key} = t.${key})`
}

import { EVENTS } from '../payment/pack-books'
import { PAPERS } from '../payment/pack-papers'

/**
 * What a link of the books' chain holds of each row: its name, and a mark of all that was written then and never changes. What may change
 * lawfully — states on the way, claims, traces, a deck's exposure — is in no mark. A column added here would make every older mark
 * another: what comes later is a kind of its own.
 */

export const CHAIN_KINDS = ['order-event', 'refund-event', 'correction', 'deck'] as const
export type ChainKind = (typeof CHAIN_KINDS)[number]

/** Dates in JSON are ISO whatever the session is set to; half of SHA-256, for there are millions. */
const mark = (fields: string) =>
  `left(encode(sha256(convert_to(json_build_array(${fields})::text, 'UTF8')), 'hex'), 32)::uuid as mark`

const columns = (of: string, names: readonly string[]) => names.map((name) => `${of}.${name}`).join(', ')

const ORDER = columns('o', [
  'quote_nonce',
  'payer_id',
  'payer_ref',
  'merchant_code',
  'channel',
  'business_date',
  'amount_fen',
  'discount_fen',
  'payer_discount_fen',
  'merchant_reward_fen',
  'payable_fen',
  'merchant_receives_fen',
  'campaign_id',
  'deck_date',
  'slot',
  'deck_commitment',
  'reason',
  'payer_account',
  'merchant_account',
  'gl_account',
  'branch_code',
  'created_at',
])
const ORDER_END = columns('o', ['state', 'ended_at', 'channel_trade_no', 'close_reason', 'verification', 'wallet_paid'])
const REFUND = columns('r', [
  'order_no',
  'channel',
  'merchant_code',
  'branch_code',
  'business_date',
  'payer_fen',
  'merchant_fen',
  'gl_fen',
  'reason',
  'idempotency_key',
  'input_hash',
  'difference_id',
  'created_at',
])
const REFUND_END = columns('r', ['state', 'ended_at', 'channel_refund_no', 'fail_reason'])
const EVENT = 'e.event_id, e.kind, e.verb, e.outcome, e.raw::text, e.conflict, e.at'
const POSTING = 'p.posting_id, p.account, p.role, p.amount_fen, p.posted_at'

const posted = (of: string) => `(
  select json_agg(json_build_array(${POSTING}) order by p.posting_id) from postings p where ${of} and p.correction_id is null)`

/** By one that is live BFFs answer. */
const keyOf = (packed: boolean) =>
  packed ? 'coalesce(k.key, q.key), coalesce(k.input_hash, q.input_hash)' : 'k.key, k.input_hash'

/** Where what an order's events are marked with lies: nothing is packed before it is chained, so a link looks for it in no pack. */
const LIVE = { events: 'order_events', papers: 'channel_requests', packed: false }
export const EVERYWHERE = { events: EVENTS, papers: PAPERS, packed: true }

const OWN = posted('p.order_no = e.order_no and p.refund_no is null')

/** Of an order's own postings: all are packed, or none. Where there are others beside packed ones, it is another mark. */
const PACKED_OWN = `
  case when b.posted is null then ${OWN}
    when not exists (select from postings p where p.order_no = e.order_no and p.refund_no is null and p.correction_id is null) then b.posted end`
const PACKED = `
  left join (
    select p.order_no, json_agg(json_build_array(${POSTING}) order by p.posting_id) as posted from packed_postings p group by p.order_no
  ) b on b.order_no = e.order_no and e.kind <> 'noted'`

/** Rows `id, name, mark` of those that a condition is true of: an event `e`, a posting `p`, a deck `d`. */
export const MARKS: Record<ChainKind, (which: string, where?: typeof LIVE) => string> = {
  'order-event': (which, { events, papers, packed } = LIVE) => `
    select e.event_id as id, e.order_no || ' ' || e.kind || ' ' || e.event_id as name, ${mark(`e.order_no, ${EVENT}, case
        when e.kind = 'opened' then json_build_array(${ORDER}, ${keyOf(packed)}, q.request, q.sent_at)
        when e.kind <> 'noted' then json_build_array(${ORDER_END}, q.reply::text, q.replied_at,
          ${packed ? PACKED_OWN : OWN}) end`)}
    from ${events} e
    left join orders o on o.order_no = e.order_no
    left join ${papers} q on q.order_no = e.order_no
    left join idempotency_keys k on k.payer_id = o.payer_id and k.order_no = o.order_no and e.kind = 'opened'${packed ? PACKED : ''}
    where ${which}`,

  'refund-event': (which) => `
    select e.event_id as id, e.refund_no || ' ' || e.kind || ' ' || e.event_id as name, ${mark(`e.refund_no, ${EVENT}, case
        when e.kind = 'opened' then json_build_array(${REFUND})
        when e.kind <> 'noted' then json_build_array(${REFUND_END},
          ${posted('p.order_no = r.order_no and p.refund_no = e.refund_no')}) end`)}
    from refund_events e
    left join refunds r on r.refund_no = e.refund_no
    where ${which}`,

  correction: (which) => `
    select p.posting_id as id, p.correction_id || ' ' || p.posting_id as name,
      ${mark(`p.correction_id, p.order_no, p.refund_no, ${POSTING}`)}
    from postings p where p.correction_id is not null and ${which}`,

  // Its amounts follow from its commitment, which opens to nothing else.
  deck: (which) => `
    select row_number() over (order by d.campaign_id, d.merchant_code, d.business_date) as id,
      d.campaign_id || '/' || d.merchant_code || '/' || d.business_date as name,
      ${mark('d.version, d.commitment, d.dealt_at, d.key_id, d.beacon, d.branch_code, d.gl_account')}
    from campaigns c join decks d on d.campaign_id = c.campaign_id where ${which}`,
}

import { NO_TRACE } from '../../../domain/trace'
import type { OpenOrder, OpenResult } from '../../../flow/ports'
import { violated } from '../errors'
import type { Sql, Statement } from '../open-sql'
import { orderColumns, orderOf, orderRow } from '../rows'
import type { OrderRow } from '../tables'
import { holds } from './believed'

/** The check of what one person may use. */
const CARD_LIMIT = 'payer_cards_most'

/** The key of whichever partition the number belongs to. */
const ORDER_NO = /^orders(_[a-z0-9_]+)?_pkey$/

/** SQL for whether a moment by the database's clock, ms, has passed while the statement was on its way to it. */
const late = (at: string) => `coalesce(extract(epoch from clock_timestamp()) * 1000 >= ${at}::bigint, false)`

/**
 * One statement: the payer's day with the channel, the person's cards of the deck's date, then the order and all that belongs to it, or
 * nothing. $1 the order's row, its keys being the columns; $2 daily limit; $3 key; $4 input hash; $5 request; $6 open by; $7 what is believed. The day
 * counts what was ordered and not what was debited after the discount: the stricter reading of the limit for static codes. A person is
 * the payer and whoever else pays with the account of the same agreement; who has used what one may is refused by the check
 * `payer_cards_most`, which undoes all of it. Rows are taken in the order of their holders, so that no two wait for each other. Nothing
 * is opened on a deck that is closed: its lock is the weakest there is, and one who closes it waits or passes it over (I7).
 */
const OPEN: Statement = {
  name: 'open-order',
  decided: true,
  text: `
    with looked as materialized (
      select ${holds('$7::jsonb', 'n')} as holds from jsonb_populate_record(null::orders, $1::jsonb) n
    ), new as materialized (
      select n.* from jsonb_populate_record(null::orders, $1::jsonb) n, looked where holds and not ${late('$6')}
    ), deck as materialized (
      select d.closed_at from new join decks d on d.campaign_id = new.campaign_id and d.merchant_code = new.merchant_code
        and d.business_date = new.deck_date
      where new.slot is not null for key share of d
    ), spent as (
      insert into payer_days as day (payer_id, channel, business_date, spent_fen)
      select payer_id, channel, business_date, amount_fen from new where amount_fen <= $2::bigint and not exists (select 1 from deck where closed_at is not null)
      on conflict (payer_id, channel, business_date) do update
        set spent_fen = day.spent_fen + excluded.spent_fen
        where day.spent_fen + excluded.spent_fen <= $2::bigint
      returning true
    ), holders as (
      select 'payer ' || payer_id as holder from new
      union
      select 'account ' || a.account from new join agreements a on a.agreement_id = new.payer_ref and a.payer_id = new.payer_id
    ), carded as (
      insert into payer_cards as had (campaign_id, deck_date, holder, cards, most_each, most)
      select campaign_id, deck_date, holder, array[merchant_code || ' ' || order_no], c.max_per_payer_per_day,
        c.max_per_payer_per_campaign_day
      from spent, new join campaigns c using (campaign_id), holders
      where slot is not null
      order by holder
      on conflict (campaign_id, deck_date, holder) do update
        set cards = had.cards || excluded.cards, most_each = excluded.most_each, most = excluded.most
    ), opened as (
      insert into orders (${orderColumns()}, address_hash, device_hash)
      select ${orderColumns('new')}, new.address_hash, new.device_hash from new, spent
      returning order_no, payer_id, created_at
    ), keyed as (
      insert into idempotency_keys (payer_id, key, input_hash, order_no)
      select payer_id, $3::text, $4::text, order_no from opened
    ), asked as (
      insert into channel_requests (order_no, request, sent_at)
      select order_no, $5::jsonb, created_at from opened
    ), noted as (
      insert into order_events (order_no, kind, at)
      select order_no, 'opened', created_at from opened
    )
    select exists (select from opened) as opened, holds from looked`,
}

/** What stands in the way. $1 payer, $2 key, $3 quote nonce, $4–$7 campaign, merchant, the deck's date and slot, $8 open by. */
const OBSTACLES: Statement = {
  name: 'open-order-obstacles',
  text: `
    select
      (select input_hash from idempotency_keys where payer_id = $1 and key = $2) as input_hash,
      (select to_jsonb(o) from orders o join idempotency_keys k using (order_no)
        where k.payer_id = $1 and k.key = $2) as made,
      exists (select 1 from paid_quotes where quote_nonce = $3) as quote_used,
      ${late('$8')} as too_late,
      exists (select 1 from decks where campaign_id = $4 and merchant_code = $5 and business_date = $6::date
        and closed_at is not null) as deck_closed,
      (select payer_id from orders where campaign_id = $4 and merchant_code = $5 and deck_date = $6::date
        and slot = $7::integer and state <> 'closed') as slot_payer_id`,
}

interface Obstacles {
  input_hash: string | null
  made: OrderRow | null
  quote_used: boolean
  too_late: boolean
  deck_closed: boolean
  slot_payer_id: string | null
}

/** Opens an order in one round trip; a refusal costs a second one, to tell why, unless what was believed is to be looked at again. */
export async function openOrder(sql: Sql, input: OpenOrder): Promise<OpenResult> {
  const { order, idempotency, dailyLimitFen, request, firstQueryAt, openBy = null, believed = null } = input
  const { addressHash: address_hash, deviceHash: device_hash } = input.trace ?? NO_TRACE
  const row = JSON.stringify({ ...orderRow(order, firstQueryAt), address_hash, device_hash })
  let constraint: string | undefined
  try {
    const sent = [idempotency.key, idempotency.inputHash, JSON.stringify(request), openBy]
    const values = [row, dailyLimitFen, ...sent, believed && JSON.stringify(believed)]
    const [result] = await sql.run<{ opened: boolean; holds: boolean }>(OPEN, values)
    if (result?.opened) return { kind: 'opened' }
    if (!result?.holds) return { kind: 'outdated' }
  } catch (error) {
    const checked = violated(error, 'check')
    constraint = checked === CARD_LIMIT ? checked : violated(error, 'unique')
    if (!constraint) throw error
  }
  return refusal(sql, input, constraint)
}

/**
 * A replay violates several constraints at once and PostgreSQL names whichever index it checks first, or the day's limit
 * comes before any of them. So the key is looked at first, then the quote, and only then what was named.
 */
async function refusal(sql: Sql, input: OpenOrder, constraint: string | undefined): Promise<OpenResult> {
  const { order, idempotency } = input
  const { card, merchantCode } = order
  const slot = [card?.campaignId ?? null, merchantCode, card?.businessDate ?? null, card?.slot ?? null]
  const values = [order.payerId, idempotency.key, order.quoteNonce, ...slot, input.openBy ?? null]
  const [found] = await sql.run<Obstacles>(OBSTACLES, values)
  if (found?.made)
    return found.input_hash === idempotency.inputHash
      ? { kind: 'replayed', order: orderOf(found.made) }
      : { kind: 'key-reused' }
  if (found?.quote_used) return { kind: 'quote-used' }
  switch (constraint) {
    case undefined:
      if (found?.too_late) return { kind: 'too-late' }
      return { kind: found?.deck_closed ? 'deck-closed' : 'daily-limit' }
    case 'orders_quote_nonce':
      return { kind: 'quote-used' }
    case 'orders_slot':
      return { kind: 'slot-taken', payerId: found?.slot_payer_id ?? null }
    case CARD_LIMIT:
      return { kind: 'card-limit' }
    default:
      if (ORDER_NO.test(constraint)) return { kind: 'order-no-taken' }
      throw new Error(`unexpected constraint ${constraint} while opening ${order.orderNo}`)
  }
}

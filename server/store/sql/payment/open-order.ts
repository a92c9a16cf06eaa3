import { NO_TRACE } from '../../../domain/trace'
import type { Ledger, OpenOrder, OpenResult } from '../../../flow/ports'
import { violated } from '../errors'
import { gathered, waitingLess } from '../gathered'
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
 * SQL for whether nothing is opened on a deck any more: it is closed, or isn't the one that the card's `commitment` (null: nobody told) is of, as where
 * a standby that took over had lost that one and it was dealt anew, shorter or by a newer rule.
 */
const gone = (deck: string, commitment: string) =>
  `(${deck}.closed_at is not null or ${deck}.commitment <> coalesce(${commitment}, ${deck}.commitment))`

/**
 * One statement, of each order: the payer's day with the channel, the person's cards of the deck's date, then the order and all that belongs
 * to it, or nothing. Each of $1–$6 is a list, an item an order: $1 the order's row, its keys being the columns; $2 key; $3 input hash;
 * $4 request; $5 open by; $6 what is believed. $7 the daily limit of them all; $8 how many they are, as in end-order.ts. They are of different payers,
 * accounts and quotes. The day counts what was ordered and not what was debited after the discount: the stricter reading of the limit for static codes. A
 * person is the payer and whoever else pays with the account of the same agreement; who has used what one may is refused by the check
 * `payer_cards_most`, which undoes all of it. Rows are taken in the order of their payers and holders, so that no two wait for each other.
 * Nothing is opened on a deck that is closed, or is another by now than the one its card was told to be of: its lock is the weakest there is, and
 * one who closes it waits or passes it over (I7). Who asks with a used key, or with a paid quote, is left out before anything is
 * written: it undoes nobody's.
 */
const OPEN: Statement = {
  name: 'open-order',
  decided: true,
  text: `
    with asked as materialized (
      select * from unnest($1::jsonb[], $2::text[], $3::text[], $4::jsonb[], $5::bigint[], $6::jsonb[])
        as a(written, asked_key, input_hash, request, open_by, believed)
      where ${waitingLess('$8')}
      order by written ->> 'payer_id' limit $8::integer
    ), looked as materialized (
      select n.*, asked.asked_key, asked.input_hash, asked.request, asked.open_by, ${holds('asked.believed', 'n')} as holds
      from asked cross join lateral jsonb_populate_record(null::orders, asked.written) n
    ), new as materialized (
      select * from looked where holds and not ${late('open_by')}
        and not asked_before(payer_id, asked_key, quote_nonce)
    ), deck as materialized (
      select new.order_no, d.gone from new cross join lateral (
        select ${gone('d', 'new.deck_commitment')} as gone from decks d where d.campaign_id = new.campaign_id and d.merchant_code = new.merchant_code
          and d.business_date = new.deck_date for key share
      ) d
      where new.slot is not null
    ), spent as (
      insert into payer_days as day (payer_id, channel, business_date, spent_fen)
      select payer_id, channel, business_date, amount_fen from new where amount_fen <= $7::bigint
        and not exists (select 1 from deck where deck.order_no = new.order_no and gone)
      on conflict (payer_id, channel, business_date) do update
        set spent_fen = day.spent_fen + excluded.spent_fen
        where day.spent_fen + excluded.spent_fen <= $7::bigint
      returning payer_id
    ), covered as materialized (
      select new.* from spent join new on new.payer_id = spent.payer_id
    ), holders as (
      select order_no, 'payer ' || payer_id as holder from covered
      union
      select c.order_no, 'account ' || a.account from covered c
      join agreements a on a.agreement_id = c.payer_ref and a.payer_id = c.payer_id
    ), carded as (
      insert into payer_cards as had (campaign_id, deck_date, holder, cards, most_each, most)
      select v.campaign_id, v.deck_date, h.holder, array[v.merchant_code || ' ' || v.order_no], c.max_per_payer_per_day,
        c.max_per_payer_per_campaign_day
      from covered v join campaigns c on c.campaign_id = v.campaign_id join holders h on h.order_no = v.order_no
      where v.slot is not null
      order by h.holder
      on conflict (campaign_id, deck_date, holder) do update
        set cards = had.cards || excluded.cards, most_each = excluded.most_each, most = excluded.most
    ), opened as (
      insert into orders (${orderColumns()}, address_hash, device_hash)
      select ${orderColumns('v')}, v.address_hash, v.device_hash from covered v
      returning order_no
    ), kept as materialized (
      select v.* from opened join covered v on v.order_no = opened.order_no
    ), keyed as (
      insert into idempotency_keys (payer_id, key, input_hash, order_no)
      select payer_id, asked_key, input_hash, order_no from kept
    ), sent as (
      insert into channel_requests (order_no, request, sent_at)
      select order_no, request, created_at from kept
    ), noted as (
      insert into order_events (order_no, kind, at)
      select order_no, 'opened', created_at from kept
    )
    select l.order_no, l.holds, exists (select from kept k where k.order_no = l.order_no) as opened from looked l`,
}

/** What stands in the way. $1 payer, $2 key, $3 quote nonce, $4–$7 campaign, merchant, the deck's date and slot, $8 open by, $9 the deck's commitment. */
const OBSTACLES: Statement = {
  name: 'open-order-obstacles',
  text: `
    select
      (select input_hash from idempotency_keys where payer_id = $1 and key = $2) as input_hash,
      (select to_jsonb(o) from orders o join idempotency_keys k using (order_no)
        where k.payer_id = $1 and k.key = $2) as made,
      exists (select 1 from paid_quotes where quote_nonce = $3) as quote_used,
      ${late('$8')} as too_late,
      exists (select 1 from decks d where campaign_id = $4 and merchant_code = $5 and business_date = $6::date
        and ${gone('d', '$9::text')}) as deck_gone,
      (select payer_id from orders where campaign_id = $4 and merchant_code = $5 and deck_date = $6::date
        and slot = $7::integer and state <> 'closed') as slot_payer_id`,
}

interface Obstacles {
  input_hash: string | null
  made: OrderRow | null
  quote_used: boolean
  too_late: boolean
  deck_gone: boolean
  slot_payer_id: string | null
}

interface Looked {
  order_no: string
  holds: boolean
  opened: boolean
}

/** Of one order, as {@link OPEN} takes it. */
interface Asked {
  orderNo: string
  values: readonly unknown[]
  keys: readonly string[]
}

/**
 * Opens orders, those that queue in one round trip ({@link gathered}); a refusal costs one more, to tell why, unless what was believed is to be
 * looked at again.
 */
export function openingOrders(sql: Sql): Ledger['openOrder'] {
  const open = async (asked: readonly Asked[], dailyLimitFen: number) => {
    const lists = asked[0]!.values.map((_, nth) => asked.map(({ values }) => values[nth]))
    const rows = await sql.run<Looked>(OPEN, [...lists, dailyLimitFen, asked.length])
    const found = new Map(rows.map((row) => [row.order_no, row]))
    return asked.map(({ orderNo }) => found.get(orderNo)!)
  }
  const keysOf = ({ keys }: Asked) => keys
  // A channel's, of which there are few.
  const byLimit = new Map<number, (asked: Asked) => Promise<Looked>>()
  const together = (limitFen: number) => {
    const known = byLimit.get(limitFen) ?? gathered({ run: (all: readonly Asked[]) => open(all, limitFen), keysOf })
    byLimit.set(limitFen, known)
    return known
  }
  return async (input) => {
    let constraint: string | undefined
    try {
      const { opened, holds } = await together(input.dailyLimitFen)(askedOf(input))
      if (opened) return { kind: 'opened' }
      if (!holds) return { kind: 'outdated' }
    } catch (error) {
      const checked = violated(error, 'check')
      constraint = checked === CARD_LIMIT ? checked : violated(error, 'unique')
      if (!constraint) throw error
    }
    return refusal(sql, input, constraint)
  }
}

function askedOf(input: OpenOrder): Asked {
  const { order, idempotency, request, firstQueryAt, openBy = null, believed = null } = input
  const { addressHash: address_hash, deviceHash: device_hash } = input.trace ?? NO_TRACE
  const row = JSON.stringify({ ...orderRow(order, firstQueryAt), address_hash, device_hash })
  const sent = [idempotency.key, idempotency.inputHash, JSON.stringify(request), openBy]
  const { orderNo, payerId, quoteNonce, accounts, card, merchantCode } = order
  const place = card && `card ${card.campaignId} ${merchantCode} ${card.businessDate} ${card.slot}`
  const keys = [`payer ${payerId}`, `account ${accounts.payer}`, `quote ${quoteNonce}`, ...(place ? [place] : [])]
  return { orderNo, values: [row, ...sent, believed && JSON.stringify(believed)], keys }
}

/**
 * A replay violates several constraints at once and PostgreSQL names whichever index it checks first, or the day's limit
 * comes before any of them. So the key is looked at first, then the quote, and only then what was named.
 */
async function refusal(sql: Sql, input: OpenOrder, constraint: string | undefined): Promise<OpenResult> {
  const { order, idempotency } = input
  const { card, merchantCode } = order
  const slot = [card?.campaignId ?? null, merchantCode, card?.businessDate ?? null, card?.slot ?? null]
  const deck = [input.openBy ?? null, card?.commitment ?? null]
  const values = [order.payerId, idempotency.key, order.quoteNonce, ...slot, ...deck]
  const [found] = await sql.run<Obstacles>(OBSTACLES, values)
  if (found?.made)
    return found.input_hash === idempotency.inputHash
      ? { kind: 'replayed', order: orderOf(found.made) }
      : { kind: 'key-reused' }
  if (found?.quote_used) return { kind: 'quote-used' }
  switch (constraint) {
    case undefined:
      if (found?.too_late) return { kind: 'too-late' }
      return { kind: found?.deck_gone ? 'deck-closed' : 'daily-limit' }
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

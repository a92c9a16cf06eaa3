import { CompiledQuery, type Transaction } from 'kysely'
import { soundPaid } from '../../../domain/channel'
import { NOT_BOOKED, type Order } from '../../../domain/order'
import { balanced } from '../../../domain/posting'
import type { ChannelReply, Ending, Ledger } from '../../../flow/ports'
import { gathered, type Kind, waitingLess } from '../gathered'
import type { Sql, Statement } from '../open-sql'
import type { Tables } from '../tables'
import { RETURN_AFTER_MS } from './slot-return'

/**
 * One statement, of each order all of it only if the order was still `paying`. Each $n is a list, an item an order: $1 order, $2 state, $3 ended
 * at, $4 trade no, $5 close reason, $6 postings, $7 verb, $8 outcome, $9 raw reply, $10 verification, $11 what a wallet's own discount made of
 * it; $12 how many they are, by which they are planned for one by one, whatever is believed of the tables. They end in their order, in which their
 * triggers count them (`day_totals`, `share_days`). The merchant's feed hears of paid
 * orders only; a closed one gives its amount back to the payer's day and its card to the person's, which is right for one of them in a
 * statement, and is marked until its slot is given back for good: after the claim of a sweeper that has it just now, who may still confirm the
 * slot and then fail before it sees the ending.
 */
const END: Statement = {
  name: 'end-order',
  text: `
    with said as materialized (
      select * from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
        $10::text[], $11::text[]) with ordinality as s(order_no, state, ended_at, channel_trade_no, close_reason, postings, verb, outcome,
        raw, verification, wallet_paid, nth)
      where ${waitingLess('$12')}
      order by nth limit $12::integer
    ), ended as (
      update orders o
      set state = s.state, ended_at = s.ended_at, channel_trade_no = s.channel_trade_no, close_reason = s.close_reason,
          verification = s.verification, wallet_paid = s.wallet_paid::jsonb,
          next_query_at = null, action = null,
          slot_return_at = case when s.state = 'closed' and o.slot is not null then
            greatest(s.ended_at + ${RETURN_AFTER_MS}, case when o.attempts > 0 then o.next_query_at end)
          end
      from said s
      where o.order_no = s.order_no and o.state = 'paying'
      returning o.order_no, o.merchant_code, o.payer_id, o.channel, o.business_date, o.amount_fen, o.state, o.ended_at,
        o.campaign_id, o.deck_date, o.payer_account, s.postings, s.verb, s.outcome, s.raw
    ), posted as (
      insert into postings (order_no, account, role, amount_fen, posted_at)
      select e.order_no, p.account, p.role, p."amountFen", e.ended_at
      from ended e, jsonb_to_recordset(e.postings::jsonb) as p(account text, role text, "amountFen" bigint)
    ), noted as (
      insert into order_events (order_no, kind, verb, outcome, at)
      select order_no, state, verb, outcome::jsonb, ended_at from ended
    ), replied as (
      update channel_requests r set reply = e.raw::json, replied_at = e.ended_at
      from ended e where r.order_no = e.order_no and e.verb is not null
    ), told as (
      insert into outbox (merchant_code, order_no)
      select merchant_code, order_no from ended where state = 'paid'
    ), given_back as (
      update payer_days d set spent_fen = d.spent_fen - e.amount_fen
      from ended e
      where e.state = 'closed' and d.payer_id = e.payer_id and d.channel = e.channel
        and d.business_date = e.business_date
    ), had as materialized (
      select h.campaign_id, h.deck_date, h.holder, e.merchant_code || ' ' || e.order_no as card
      from ended e join payer_cards h using (campaign_id, deck_date)
      where e.state = 'closed' and h.holder in ('payer ' || e.payer_id, 'account ' || e.payer_account)
      order by h.holder
      for update of h
    ), uncarded as (
      update payer_cards h set cards = array_remove(h.cards, had.card)
      from had where (h.campaign_id, h.deck_date, h.holder) = (had.campaign_id, had.deck_date, had.holder)
    )
    select s.order_no, e.order_no is not null as ended, exists (select 1 from orders k where k.order_no = s.order_no) as known
    from said s left join ended e on e.order_no = s.order_no`,
}

interface Ended {
  order_no: string
  ended: boolean
  known: boolean
}

/** Of one order, as {@link END} takes it. */
type Said = readonly [order: string, state: Ending['state'], endedAt: number, ...others: (string | null)[]]

/**
 * What an order's end is counted in: the merchant's day with all that has a row of its own there. `count_paid_order` takes that row, then
 * `count_share` the merchant's days. So two statements wait for each other in no circle if each comes to its merchants in one
 * order, and has one kind of day of each.
 */
interface Telling {
  said: Said
  day: Kind
}

const dayOf = ({ merchantCode, businessDate, channel, card, branchCode, accounts }: Order): Kind => ({
  place: merchantCode,
  kind: JSON.stringify([businessDate, channel, card?.campaignId, branchCode, accounts.gl]),
})

/** By merchant, then by number: the same in each process. */
function byPlace(a: Telling, b: Telling): number {
  if (a.day.place !== b.day.place) return a.day.place < b.day.place ? -1 : 1
  return a.said[0] < b.said[0] ? -1 : 1
}

/** Of several, list by list. */
const listed = (said: readonly Said[]) => [...said[0]!.map((_, nth) => said.map((one) => one[nth])), said.length]

/**
 * Ends an order in the transaction of a decision of two people: the channel never booked it. False when it had ended.
 * `changeId`: of the decision, kept where a channel's answer is.
 */
export async function endAsUnbooked(tx: Transaction<Tables>, orderNo: string, at: number, changeId: string) {
  const said = ['decision', JSON.stringify({ kind: 'declined', code: NOT_BOOKED }), JSON.stringify({ changeId })]
  const values = listed([[orderNo, 'closed', at, null, NOT_BOOKED, '[]', ...said, null, null]])
  const { rows } = await tx.executeQuery<Ended>(CompiledQuery.raw(END.text, values))
  return rows[0]!.ended
}

/**
 * Ends orders once each, those that queue by one statement ({@link gathered}); one that is closed has a statement to itself. Postings that
 * don't balance and unknown orders are bugs and throw.
 */
export function endingOrders(sql: Sql): Ledger['endOrder'] {
  const end = async (said: readonly Said[]) => {
    const rows = await sql.run<Ended>(END, listed(said))
    const found = new Map(rows.map((row) => [row.order_no, row]))
    return said.map(([orderNo]) => found.get(orderNo))
  }
  const together = gathered({
    async run(tellings: readonly Telling[]) {
      const sorted = [...tellings].sort(byPlace)
      const rows = await end(sorted.map(({ said }) => said))
      return tellings.map((one) => rows[sorted.indexOf(one)])
    },
    keysOf: ({ said: [orderNo] }) => [orderNo],
    kindOf: ({ day }) => day,
  })
  return async (order, ending, reply) => {
    const said = saidOf(order, ending, reply)
    const row = ending.state === 'paid' ? await together({ said, day: dayOf(order) }) : (await end([said]))[0]
    if (!row?.known) throw new Error(`no order ${order.orderNo} to end`)
    return row.ended ? 'ended' : 'already-ended'
  }
}

function saidOf({ orderNo, figures }: Order, ending: Ending, reply: ChannelReply | null): Said {
  const [tradeNo, closeReason, postings] =
    ending.state === 'paid' ? [ending.channelTradeNo, null, ending.postings] : [null, ending.closeReason, []]
  if (!balanced(postings)) throw new Error(`the postings of order ${orderNo} don't balance`)
  const said = reply
    ? [reply.verb, JSON.stringify(reply.outcome), JSON.stringify(reply.raw ?? null)]
    : [null, null, null]
  const verification = ending.state === 'paid' ? ending.verification : null
  const paid = ending.state === 'paid' ? soundPaid(reply?.paid, figures.payableFen) : null
  const ended = [tradeNo, closeReason, JSON.stringify(postings), ...said, verification, paid && JSON.stringify(paid)]
  return [orderNo, ending.state, ending.endedAt, ...ended]
}

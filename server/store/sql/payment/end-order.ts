import { CompiledQuery, type Transaction } from 'kysely'
import { soundPaid } from '../../../domain/channel'
import { NOT_BOOKED, type Order } from '../../../domain/order'
import { balanced } from '../../../domain/posting'
import type { ChannelReply, Ending } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'
import type { Tables } from '../tables'
import { RETURN_AFTER_MS } from './slot-return'

/**
 * One statement, all of it only if the order was still `paying`. $1 order, $2 state, $3 ended at, $4 trade no, $5 close
 * reason, $6 postings, $7 verb, $8 outcome, $9 raw reply, $10 verification, $11 what a wallet's
 * own discount made of it. The merchant's feed hears of paid orders only; a closed one
 * gives its amount back to the payer's day and its card to the person's, and is marked until its slot is given back for good: after the claim of a sweeper that has it
 * just now, who may still confirm the slot and then fail before it sees the ending.
 */
const END: Statement = {
  name: 'end-order',
  text: `
    with ended as (
      update orders
      set state = $2::text, ended_at = $3::bigint, channel_trade_no = $4::text, close_reason = $5::text, verification = $10::text,
          wallet_paid = $11::jsonb,
          next_query_at = null, action = null,
          slot_return_at = case when $2::text = 'closed' and slot is not null then
            greatest($3::bigint + ${RETURN_AFTER_MS}, case when attempts > 0 then next_query_at end)
          end
      where order_no = $1::text and state = 'paying'
      returning order_no, merchant_code, payer_id, channel, business_date, amount_fen, state, ended_at,
        campaign_id, deck_date, payer_account
    ), posted as (
      insert into postings (order_no, account, role, amount_fen, posted_at)
      select e.order_no, p.account, p.role, p."amountFen", e.ended_at
      from ended e, jsonb_to_recordset($6::jsonb) as p(account text, role text, "amountFen" bigint)
    ), noted as (
      insert into order_events (order_no, kind, verb, outcome, at)
      select order_no, state, $7::text, $8::jsonb, ended_at from ended
    ), replied as (
      update channel_requests r set reply = $9::json, replied_at = e.ended_at
      from ended e where r.order_no = e.order_no and $7::text is not null
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
    select exists (select 1 from ended) as ended, exists (select 1 from orders where order_no = $1::text) as known`,
}

/**
 * Ends an order in the transaction of a decision of two people: the channel never booked it. False when it had ended.
 * `changeId`: of the decision, kept where a channel's answer is.
 */
export async function endAsUnbooked(tx: Transaction<Tables>, orderNo: string, at: number, changeId: string) {
  const said = ['decision', JSON.stringify({ kind: 'declined', code: NOT_BOOKED }), JSON.stringify({ changeId })]
  const values = [orderNo, 'closed', at, null, NOT_BOOKED, '[]', ...said, null, null]
  const { rows } = await tx.executeQuery<{ ended: boolean }>(CompiledQuery.raw(END.text, values))
  return rows[0]!.ended
}

/** Ends an order once, in one round trip. Postings that don't balance and unknown orders are bugs and throw. */
export async function endOrder(
  sql: Sql,
  { orderNo, figures }: Order,
  ending: Ending,
  reply: ChannelReply | null,
): Promise<'ended' | 'already-ended'> {
  const [tradeNo, closeReason, postings] =
    ending.state === 'paid' ? [ending.channelTradeNo, null, ending.postings] : [null, ending.closeReason, []]
  if (!balanced(postings)) throw new Error(`the postings of order ${orderNo} don't balance`)
  const said = reply
    ? [reply.verb, JSON.stringify(reply.outcome), JSON.stringify(reply.raw ?? null)]
    : [null, null, null]
  const verification = ending.state === 'paid' ? ending.verification : null
  const ended = [orderNo, ending.state, ending.endedAt, tradeNo, closeReason, JSON.stringify(postings)]
  const paid = ending.state === 'paid' ? soundPaid(reply?.paid, figures.payableFen) : null
  const values = [...ended, ...said, verification, paid && JSON.stringify(paid)]
  const [row] = await sql.run<{ ended: boolean; known: boolean }>(END, values)
  if (!row?.known) throw new Error(`no order ${orderNo} to end`)
  return row.ended ? 'ended' : 'already-ended'
}

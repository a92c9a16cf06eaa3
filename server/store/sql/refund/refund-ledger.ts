import { CompiledQuery, type Selectable, type Transaction } from 'kysely'
import { NOT_BOOKED } from '../../../domain/order'
import { balanced } from '../../../domain/posting'
import type { RefundShares } from '../../../domain/refund'
import type { RefundEnding, RefundLedger, RefundReply } from '../../../flow/ports'
import { isDue, LONGEST_WAIT_MS } from '../due'
import type { Sql, Statement } from '../open-sql'
import { waitMs } from '../payment/claim-due'
import { orderOf } from '../rows'
import type { OrderRow, RefundRow, Tables } from '../tables'
import { openRefund, standingRefunds } from './open-refund'
import { refundColumns, refundOf } from './rows'

/**
 * One statement, all of it only if the refund was still `refunding`. $1 refund, $2 state, $3 ended at, $4 the channel's number,
 * $5 fail reason, $6 postings, $7 verb, $8 outcome, $9 raw reply. The merchant's feed hears of an order again when money went
 * back.
 */
const END: Statement = {
  name: 'end-refund',
  text: `
    with ended as (
      update refunds
      set state = $2::text, ended_at = $3::bigint, channel_refund_no = $4::text, fail_reason = $5::text,
          next_query_at = null
      where refund_no = $1::text and state = 'refunding'
      returning refund_no, order_no, merchant_code, state, ended_at
    ), posted as (
      insert into postings (order_no, refund_no, account, role, amount_fen, posted_at)
      select e.order_no, e.refund_no, p.account, p.role, p."amountFen", e.ended_at
      from ended e, jsonb_to_recordset($6::jsonb) as p(account text, role text, "amountFen" bigint)
    ), noted as (
      insert into refund_events (refund_no, kind, verb, outcome, raw, at)
      select refund_no, state, $7::text, $8::jsonb, $9::json, ended_at from ended
    ), told as (
      insert into outbox (merchant_code, order_no)
      select merchant_code, order_no from ended where state = 'refunded'
    )
    select exists (select 1 from ended) as ended, exists (select 1 from refunds where refund_no = $1::text) as known`,
}

/**
 * $1 refund, $2 verb, $3 outcome, $4 raw reply, $5 conflict, $6 at. As of orders, a sweeper's claim ends with its answer; it
 * may also have sent the refund again.
 */
const NOTE: Statement = {
  name: 'note-refund-reply',
  text: `
    with noted as (
      insert into refund_events (refund_no, kind, verb, outcome, raw, conflict, at)
      values ($1::text, 'noted', $2::text, $3::jsonb, $4::json, $5::text, $6::bigint)
    )
    update refunds set next_query_at = $6::bigint + ${waitMs('attempts - 1')}
    where refund_no = $1::text and state = 'refunding' and attempts > 0 and $2::text in ('query-refund', 'refund')`,
}

const REFUND: Statement = {
  name: 'refund',
  text: `select ${refundColumns('r')} from refunds r where r.refund_no = $1`,
}

const REFUNDS_OF: Statement = {
  name: 'refunds-of',
  text: `
    select ${refundColumns('r')} from refunds r where r.order_no = $1 and r.difference_id is null
    order by r.created_at desc, r.refund_no desc limit $2::integer`,
}

const REFUNDED_OF: Statement = {
  name: 'refunded-of',
  text: `
    select order_no, sum(payer_fen)::bigint as "payerFen", sum(merchant_fen)::bigint as "merchantFen",
      sum(gl_fen)::bigint as "glFen"
    from refunds where order_no = any($1::text[]) and state = 'refunded' and difference_id is null group by order_no`,
}

/**
 * $1 now, $2 how many, $3 for how long at least, $4 of which channels. As of orders: locked rows are passed over, and claiming moves the next query
 * away in the same statement.
 */
const CLAIM: Statement = {
  name: 'claim-due-refunds',
  text: `
    with due as materialized (
      select refund_no from refunds
      where state = 'refunding' and channel = any($4::text[])
        and ${isDue('next_query_at', '$1::bigint', `$3::bigint + ${LONGEST_WAIT_MS}`)}
      order by next_query_at
      limit $2::integer
      for update skip locked
    ), claimed as (
      update refunds r
      set attempts = r.attempts + 1,
          next_query_at = $1::bigint + greatest(${waitMs('r.attempts')}, $3::bigint)
      from due where r.refund_no = due.refund_no
      returning ${refundColumns('r')}
    )
    select to_jsonb(c) as refund, to_jsonb(o) as "order" from claimed c join orders o on o.order_no = c.order_no`,
}

/** The {@link RefundLedger} on PostgreSQL. */
export function sqlRefunds(sql: Sql): RefundLedger {
  return {
    openRefund: (input) => openRefund(sql, input),
    endRefund: ({ refundNo }, ending, reply) => endRefund(sql, refundNo, ending, reply),
    async noteRefundReply(refundNo, { verb, outcome, raw }, conflict, at) {
      await sql.run(NOTE, [refundNo, verb, JSON.stringify(outcome), JSON.stringify(raw ?? null), conflict, at])
    },
    async refund(refundNo) {
      const [row] = await sql.run<Selectable<RefundRow>>(REFUND, [refundNo])
      return row && refundOf(row)
    },
    async refundsOf(orderNo, limit) {
      const rows = await sql.run<Selectable<RefundRow>>(REFUNDS_OF, [orderNo, limit])
      return rows.map(refundOf)
    },
    standingOf: (orderNo) => standingRefunds(sql.db, orderNo),
    async refundedOf(orderNos) {
      if (orderNos.length === 0) return new Map()
      const rows = await sql.run<RefundShares & { order_no: string }>(REFUNDED_OF, [orderNos])
      return new Map(rows.map(({ order_no, ...shares }) => [order_no, shares]))
    },
    async claimDueRefunds(channels, now, limit, claimMs = 0) {
      const rows = await sql.run<{ refund: Selectable<RefundRow>; order: OrderRow }>(CLAIM, [
        now,
        limit,
        claimMs,
        channels,
      ])
      return rows.map(({ refund, order }) => ({
        refund: refundOf(refund),
        order: orderOf(order),
        attempt: refund.attempts,
      }))
    },
  }
}

/** As of an order (payment/end-order.ts): two people decided that the channel never made it. */
export async function refundUnmade(tx: Transaction<Tables>, refundNo: string, at: number, changeId: string) {
  const said = ['decision', JSON.stringify({ kind: 'declined', code: NOT_BOOKED }), JSON.stringify({ changeId })]
  const values = [refundNo, 'failed', at, null, NOT_BOOKED, '[]', ...said]
  const { rows } = await tx.executeQuery<{ ended: boolean }>(CompiledQuery.raw(END.text, values))
  return rows[0]!.ended
}

/** Ends a refund once, in one round trip. Postings that don't balance and unknown refunds are bugs and throw. */
async function endRefund(
  sql: Sql,
  refundNo: string,
  ending: RefundEnding,
  { verb, outcome, raw }: RefundReply,
): Promise<'ended' | 'already-ended'> {
  const [channelNo, failReason, postings] =
    ending.state === 'refunded' ? [ending.channelRefundNo, null, ending.postings] : [null, ending.failReason, []]
  if (!balanced(postings)) throw new Error(`the postings of refund ${refundNo} don't balance`)
  const said = [verb, JSON.stringify(outcome), JSON.stringify(raw ?? null)]
  const values = [refundNo, ending.state, ending.endedAt, channelNo, failReason, JSON.stringify(postings), ...said]
  const [row] = await sql.run<{ ended: boolean; known: boolean }>(END, values)
  if (!row?.known) throw new Error(`no refund ${refundNo} to end`)
  return row.ended ? 'ended' : 'already-ended'
}

import { type Kysely, sql as raw, type Selectable } from 'kysely'
import type { Order } from '../../../domain/order'
import { MAX_REFUNDS, type Refund, refundShares } from '../../../domain/refund'
import type { OpenRefund, OpenRefundResult } from '../../../flow/ports'
import { violated } from '../errors'
import type { Sql } from '../open-sql'
import { orderColumns, orderOf } from '../rows'
import type { OrderRow, RefundRow, Tables } from '../tables'
import { refundOf } from './rows'

/**
 * Opens a refund in one transaction. The order's row is locked first and read no further until it is ours, so refunds of one
 * order open one after another and each sees what the others come to. Refunds are rare beside payments: five round trips.
 */
export async function openRefund(sql: Sql, input: OpenRefund): Promise<OpenRefundResult> {
  try {
    return await sql.transaction((tx) => openLocked(tx, input))
  } catch (error) {
    switch (violated(error, 'unique')) {
      case 'refunds_pkey':
        return { kind: 'refund-no-taken' }
      case 'refunds_key':
        // The same key for another order in the same instant: it was first, and this is other input.
        return { kind: 'key-reused' }
      default:
        throw error
    }
  }
}

async function openLocked(tx: Kysely<Tables>, input: OpenRefund): Promise<OpenRefundResult> {
  const order = await lockedOrder(tx, input)
  const made = await refundByKey(tx, input)
  if (made)
    return made.inputHash === input.idempotency.inputHash
      ? { kind: 'replayed', refund: made.refund }
      : { kind: 'key-reused' }
  if (!order) return { kind: 'order-not-found' }
  if (order.state !== 'paid') return { kind: 'order-not-paid' }
  const { count, ...before } = await standingRefunds(tx, order.orderNo)
  const leftFen = order.figures.payableFen - before.payerFen
  if (leftFen !== (input.seenLeftFen ?? leftFen)) return { kind: 'refunded-meanwhile', leftFen }
  if (input.payerFen > leftFen) return { kind: 'refund-above-paid', leftFen }
  if (count >= MAX_REFUNDS) return { kind: 'too-many-refunds' }
  const refund: Refund = {
    refundNo: input.refundNo,
    orderNo: order.orderNo,
    businessDate: input.businessDate,
    shares: refundShares(order.figures, before, input.payerFen),
    reason: input.reason,
    state: 'refunding',
    createdAt: input.createdAt,
    endedAt: null,
    channelRefundNo: null,
    failReason: null,
  }
  await insertRefund(tx, refund, order, input)
  return { kind: 'opened', refund, order }
}

/** Not `for update`: that would also hold up the postings of a refund that ends, which refer to the order. */
export async function lockedOrder(
  tx: Kysely<Tables>,
  { orderNo, merchantCode }: Pick<OpenRefund, 'orderNo'> & { merchantCode?: string },
): Promise<Order | undefined> {
  const { rows } = await raw<OrderRow>`
    select ${raw.raw(orderColumns('o'))} from orders o
    where o.order_no = ${orderNo} and o.merchant_code = coalesce(${merchantCode ?? null}::text, o.merchant_code)
    for no key update`.execute(tx)
  return rows[0] && orderOf(rows[0])
}

async function refundByKey(tx: Kysely<Tables>, { merchantCode, idempotency }: OpenRefund) {
  const row = await tx
    .selectFrom('refunds')
    .selectAll()
    .where('merchant_code', '=', merchantCode)
    .where('idempotency_key', '=', idempotency.key)
    .executeTakeFirst()
  return row && { refund: refundOf(row satisfies Selectable<RefundRow>), inputHash: row.input_hash }
}

/** What the order's own refunds that haven't failed come to; what a correction gives back was never paid for it. */
export async function standingRefunds(tx: Kysely<Tables>, orderNo: string) {
  const { rows } = await raw<{ count: number; payerFen: number; merchantFen: number; glFen: number }>`
    select
      count(*) as count,
      coalesce(sum(payer_fen), 0)::bigint as "payerFen",
      coalesce(sum(merchant_fen), 0)::bigint as "merchantFen",
      coalesce(sum(gl_fen), 0)::bigint as "glFen"
    from refunds where order_no = ${orderNo} and state <> 'failed' and difference_id is null`.execute(tx)
  return rows[0]!
}

/** With its first event. */
export async function insertRefund(
  tx: Kysely<Tables>,
  refund: Refund,
  order: Order,
  input: Pick<OpenRefund, 'idempotency' | 'firstQueryAt'>,
): Promise<void> {
  await tx
    .insertInto('refunds')
    .values({
      refund_no: refund.refundNo,
      order_no: refund.orderNo,
      channel: order.channel,
      merchant_code: order.merchantCode,
      branch_code: order.branchCode,
      business_date: refund.businessDate,
      payer_fen: refund.shares.payerFen,
      merchant_fen: refund.shares.merchantFen,
      gl_fen: refund.shares.glFen,
      reason: refund.reason,
      idempotency_key: input.idempotency.key,
      input_hash: input.idempotency.inputHash,
      state: refund.state,
      created_at: refund.createdAt,
      next_query_at: input.firstQueryAt(order.channel),
    })
    .execute()
  await tx
    .insertInto('refund_events')
    .values({ refund_no: refund.refundNo, kind: 'opened', at: refund.createdAt })
    .execute()
}

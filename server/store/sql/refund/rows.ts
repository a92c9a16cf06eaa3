import type { Selectable } from 'kysely'
import type { Refund } from '../../../domain/refund'
import type { RefundRow } from '../tables'

const REFUND_COLUMNS = Object.keys({
  refund_no: 0,
  order_no: 0,
  business_date: 0,
  payer_fen: 0,
  merchant_fen: 0,
  gl_fen: 0,
  reason: 0,
  state: 0,
  created_at: 0,
  ended_at: 0,
  channel_refund_no: 0,
  fail_reason: 0,
  attempts: 0,
  next_query_at: 0,
} satisfies Record<keyof RefundRow, 0>)

/** The columns of {@link RefundRow}, each of the table or alias; named and never `*`, as an order's (rows.ts). */
export function refundColumns(of: string): string {
  return REFUND_COLUMNS.map((column) => `${of}.${column}`).join(', ')
}

export function refundOf(row: Selectable<RefundRow>): Refund {
  return {
    refundNo: row.refund_no,
    orderNo: row.order_no,
    businessDate: row.business_date,
    shares: { payerFen: row.payer_fen, merchantFen: row.merchant_fen, glFen: row.gl_fen },
    reason: row.reason,
    state: row.state,
    createdAt: row.created_at,
    endedAt: row.ended_at,
    channelRefundNo: row.channel_refund_no,
    failReason: row.fail_reason,
  }
}

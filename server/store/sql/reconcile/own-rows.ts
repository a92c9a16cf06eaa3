import { CURRENCY } from '../../../domain/channel'
import type { OwnEntry } from '../../../domain/match'

/** Our own entries beside a statement's lines, as the columns of {@link OwnRow}: an order `o`, or a refund `r` of it. */
export const OWN_OF_ORDER = `
  case o.state when 'paid' then 'booked' when 'paying' then 'open' when 'closed' then 'void' end as own_state,
  o.ended_at as own_ended_at, o.channel_trade_no as own_trade_no,
  -o.payable_fen as own_payer_fen, -o.discount_fen as own_gl_fen, o.merchant_receives_fen as own_merchant_fen,
  o.payer_account as own_payer_account, o.gl_account as own_gl_account, o.merchant_account as own_merchant_account`
export const OWN_OF_REFUND = `
  case r.state when 'refunded' then 'booked' when 'refunding' then 'open' when 'failed' then 'void' end as own_state,
  r.ended_at as own_ended_at, r.channel_refund_no as own_trade_no,
  r.payer_fen as own_payer_fen, r.gl_fen as own_gl_fen, -r.merchant_fen as own_merchant_fen,
  o.payer_account as own_payer_account, o.gl_account as own_gl_account, o.merchant_account as own_merchant_account`

export interface OwnRow {
  own_state: OwnEntry['state'] | null
  own_trade_no: string | null
  own_payer_fen: number
  own_gl_fen: number
  own_merchant_fen: number
  own_payer_account: string
  own_gl_account: string | null
  own_merchant_account: string
}

/** A line is of our amounts, in our currency, between our accounts: as `judge` says it, all but state and trade number. */
export const LINE_FITS = `(
  own_payer_fen = payer_fen and own_gl_fen = gl_fen and own_merchant_fen = merchant_fen and currency = '${CURRENCY}'
  and (gl_fen = 0 or own_gl_account = gl_account) and own_merchant_account = merchant_account)`

export function ownOf(of: Pick<OwnEntry, 'kind' | 'orderNo' | 'refundNo'>, row: OwnRow): OwnEntry | null {
  if (row.own_state === null) return null
  return {
    kind: of.kind,
    orderNo: of.orderNo,
    refundNo: of.refundNo,
    state: row.own_state,
    channelTradeNo: row.own_trade_no,
    payerFen: row.own_payer_fen,
    glFen: row.own_gl_fen,
    merchantFen: row.own_merchant_fen,
    payerAccount: row.own_payer_account,
    glAccount: row.own_gl_account,
    merchantAccount: row.own_merchant_account,
  }
}

import { CURRENCY, channelNo, type PayerAction, type Seen, type WalletPaid } from '../../domain/channel'
import type { Order, Outcome } from '../../domain/order'
import { NOT_FOUND } from '../../flow/ports'
import type { Exchange } from './client'
import { paidOf } from './discounts'
import { tradeReply } from './schema'

/** What Alipay's word on a trade means for its order. */
export interface Meaning {
  outcome: Outcome
  seen?: Seen
  paid?: WalletPaid
  action?: PayerAction
}

/** What a payer may be refused for when their trade is to be made; nothing was. */
const DECLINES: Readonly<Record<string, string>> = {
  'ACQ.BUYER_ENABLE_STATUS_FORBID': 'account-frozen',
  'ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR': 'bank-limit-exceeded',
  'ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR': 'bank-limit-exceeded',
  'ACQ.TOTAL_FEE_EXCEED': 'bank-limit-exceeded',
  'ACQ.PAYMENT_REQUEST_HAS_RISK': 'risk-refused',
}

/** Codes of the gateway itself: parameters, signature, right. Nothing was executed, and an operator has to mend it. */
const MISCONFIGURED = new Set(['20001', '40001', '40002', '40006'])

/** Of what asks for a mending, ours or a merchant's: the payer may take another way. */
const CONFIGURATION = new Set([
  'ACQ.ACCESS_FORBIDDEN',
  'ACQ.INVALID_PARAMETER',
  'ACQ.PRODUCT_NOT_SUPPORT_IN_TINY_APP',
  'ACQ.OPEN_ID_NOT_TINY_APP',
])

type Refusal = Exchange & { kind: 'refused' }

/** Why no trade was made, by a refusal that says so; undefined: it leaves that open. */
export function declineOf({ code, subCode }: Refusal): string | undefined {
  if (DECLINES[subCode]) return DECLINES[subCode]
  return MISCONFIGURED.has(code) || CONFIGURATION.has(subCode) ? 'channel-refused' : undefined
}

/** The stable code of what ends nothing. */
export function unknownOf(exchange: Exchange): string {
  if (exchange.kind === 'failed') return exchange.code
  if (exchange.kind === 'answered') return 'malformed-reply'
  const { code, subCode } = exchange
  if (subCode === 'ACQ.TRADE_NOT_EXIST') return NOT_FOUND
  if (subCode === 'ACQ.CONTEXT_INCONSISTENT') return 'order-no-reused'
  if (code === '40005') return 'rate-limited'
  if (MISCONFIGURED.has(code)) return 'misconfigured'
  return CONFIGURATION.has(subCode) ? 'channel-refused' : 'unmapped-refusal'
}

/**
 * Of a trade as a query has it: definite only where it names this number, in words we know. Alipay names no payee there: a number's
 * trade is of the sub-merchant it was made for, and another under the same number is refused (ACQ.CONTEXT_INCONSISTENT).
 */
export function meaningOfTrade(
  order: Order,
  said: unknown,
  actionOf: (tradeNo: string, sandboxUrl?: string) => PayerAction,
): Meaning {
  const reply = tradeReply.safeParse(said)
  if (!reply.success) return unknown('malformed-reply')
  const { out_trade_no, trade_no, trade_status, total_amount, trans_currency, sandbox_url } = reply.data
  if (out_trade_no !== channelNo(order.orderNo)) return unknown('other-order')
  const seen = { amountFen: total_amount, currency: trans_currency ?? CURRENCY, payee: order.accounts.merchant }
  if (trade_status === 'WAIT_BUYER_PAY') {
    // Of another amount it is never put before the payer.
    if (total_amount !== order.figures.payableFen) return unknown('other-amount')
    return { outcome: { kind: 'pending' }, seen, action: actionOf(trade_no, sandbox_url) }
  }
  const outcome = endOf(trade_status, trade_no, wasPaid(reply.data))
  return { outcome, seen, ...(outcome.kind === 'succeeded' && paidOf(total_amount, reply.data)) }
}

/** TRADE_CLOSED is one that nobody paid, or that was paid and has gone back in full since. */
export function endOf(status: string, tradeNo: string, paid: boolean): Outcome {
  switch (status) {
    case 'TRADE_SUCCESS':
    case 'TRADE_FINISHED':
      return { kind: 'succeeded', channelTradeNo: tradeNo }
    case 'TRADE_CLOSED':
      return paid ? { kind: 'succeeded', channelTradeNo: tradeNo } : CLOSED
    case 'WAIT_BUYER_PAY':
      return { kind: 'pending' }
    default:
      return { kind: 'unknown', code: 'malformed-reply' }
  }
}

export const CLOSED: Outcome = { kind: 'declined', code: 'order-closed' }

function wasPaid(trade: { send_pay_date?: string; buyer_pay_amount?: number; receipt_amount?: number }): boolean {
  return trade.send_pay_date !== undefined || (trade.buyer_pay_amount ?? 0) > 0 || (trade.receipt_amount ?? 0) > 0
}

export function unknown(code: string): Meaning {
  return { outcome: { kind: 'unknown', code } }
}

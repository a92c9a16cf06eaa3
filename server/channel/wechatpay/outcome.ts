import type { z } from 'zod'
import type { Seen, WalletPaid } from '../../domain/channel'
import type { Outcome } from '../../domain/order'
import { NOT_FOUND } from '../../flow/ports'
import { type Exchange, refusalOf } from './client'
import { transaction } from './schema'

/** What WeChat Pay's word on a payment means for its order ("订单状态流转"). */
export interface Meaning {
  outcome: Outcome
  seen?: Seen
  paid?: WalletPaid
}

export const CLOSED: Outcome = { kind: 'declined', code: 'order-closed' }

/** The two spellings of each, in different interfaces. */
export const isPaid = (code: string | undefined) => code === 'ORDERPAID' || code === 'ORDER_PAID'
export const isClosed = (code: string | undefined) => code === 'ORDER_CLOSED' || code === 'ORDERCLOSED'
export const isAbsent = (code: string | undefined) =>
  code === 'ORDER_NOT_EXIST' || code === 'ORDERNOTEXIST' || code === 'RESOURCE_NOT_EXISTS'

/** Refusals that say nothing of how an order or a refund stands, each by a stable code of ours. */
const SAYS_NOTHING: Record<string, string> = {
  OUT_TRADE_NO_USED: 'number-reused',
  FREQUENCY_LIMITED: 'too-many',
  FREQUENCY_LIMIT_EXCEED: 'too-many',
  RATELIMIT_EXCEEDED: 'too-many',
  SYSTEM_ERROR: 'server-error',
  BANK_ERROR: 'server-error',
  SIGN_ERROR: 'signature-refused',
  PARAM_ERROR: 'channel-refused',
  INVALID_REQUEST: 'channel-refused',
  APPID_MCHID_NOT_MATCH: 'channel-refused',
  MCH_NOT_EXISTS: 'channel-refused',
  NO_AUTH: 'channel-refused',
  RULE_LIMIT: 'wallet-refused',
  ACCOUNT_ERROR: 'wallet-refused',
  TRADE_ERROR: 'wallet-refused',
  USER_ACCOUNT_ABNORMAL: 'wallet-refused',
}

/** Of anything but a reply that says how it stands. */
export function unclear(exchange: Exchange): Outcome {
  if (exchange.kind === 'failed') return unknown(exchange.code)
  const code = refusalOf(exchange)
  if (isAbsent(code)) return unknown(NOT_FOUND)
  return unknown((code !== undefined && SAYS_NOTHING[code]) || 'unmapped-refusal')
}

/** What a query means. */
export function meaningOf(mchId: string, number: string, exchange: Exchange): Meaning {
  if (exchange.kind === 'verified' && exchange.status === 200) return meaningOfTransaction(mchId, number, exchange.said)
  return { outcome: unclear(exchange) }
}

/** Of a transaction as a reply or a notice has it: definite only where it is ours, names this number, and is said in words we know. */
export function meaningOfTransaction(mchId: string, number: string, said: unknown): Meaning {
  const told = transaction.safeParse(said)
  if (!told.success) return { outcome: unknown('malformed-reply') }
  const { out_trade_no, sp_mchid, sub_mchid, trade_state, transaction_id, amount } = told.data
  if (out_trade_no !== number) return { outcome: unknown('other-order') }
  if (sp_mchid !== mchId) return { outcome: unknown('other-account') }
  switch (trade_state) {
    // Refunded, too, it was paid, and its refunds are asked about by themselves.
    case 'SUCCESS':
    case 'REFUND': {
      if (!transaction_id || !amount) return { outcome: unknown('malformed-reply') }
      const seen = { amountFen: amount.total, currency: amount.currency, payee: sub_mchid }
      return { outcome: { kind: 'succeeded', channelTradeNo: transaction_id }, seen, ...paidOf(told.data) }
    }
    case 'CLOSED':
    case 'REVOKED':
      return { outcome: CLOSED }
    // A failed attempt isn't the end of it: the payer may try again until it is closed.
    case 'NOTPAY':
    case 'USERPAYING':
    case 'ACCEPT':
    case 'PAYERROR':
      return { outcome: { kind: 'pending' } }
    default:
      return { outcome: unknown('unmapped-state') }
  }
}

/** What the payer paid where coupons made it less; nothing where none did. */
function paidOf({ amount, promotion_detail = [] }: z.output<typeof transaction>): { paid?: WalletPaid } {
  if (amount?.payer_total === undefined || amount.payer_total === amount.total) return {}
  const coupons = promotion_detail.map(({ name, amount: couponFen }) => ({
    name: name ?? '微信支付优惠',
    fen: couponFen,
  }))
  return { paid: { payerFen: amount.payer_total, coupons } }
}

export function unknown(code: string): Outcome {
  return { kind: 'unknown', code }
}

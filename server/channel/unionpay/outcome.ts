import { CURRENCY, type Seen, unfamiliarDecline } from '../../domain/channel'
import type { Outcome } from '../../domain/order'
import { NOT_FOUND } from '../../flow/ports'
import type { Exchange } from './client'
import { queriedReply, type TradeReply, tradeReply } from './schema'
import type { Fields } from './sign'

/** What UnionPay's word on a trade means. Source of the codes: 平台接入接口规范, 第5部分 附录, 应答码. */

export interface Meaning {
  outcome: Outcome
  seen?: Seen | undefined
}

/** Which trade is asked about: UnionPay knows one by both. */
export interface Trade {
  orderId: string
  txnTime: string
}

/** Done; A6 too, though something beside the money isn't as it should be. */
const DONE = new Set(['00', 'A6'])
/** Nobody knows yet: ask again. */
const UNDER_WAY = new Set(['03', '04', '05'])

/**
 * Of a request. None says how it stands with the trade. 10, what is written wrongly or of another time, and 13, what lacks something, are nobody's but ours.
 */
const REFUSALS: Readonly<Record<string, string>> = {
  '02': 'system-closed',
  '03': 'under-way',
  '04': 'under-way',
  '05': 'under-way',
  '06': 'system-busy',
  '10': 'misconfigured',
  '11': 'signature-refused',
  '12': 'number-reused',
  '13': 'misconfigured',
  '31': 'merchant-refused',
  '32': 'no-right',
  '34': NOT_FOUND,
  '35': 'state-refused',
  '36': 'other-data',
  '37': 'asked-too-often',
  '39': 'system-closed',
  '43': 'no-right',
}

const CODE = /^[0-9A-Z]{2}$/

/**
 * How a trade can fail for good: UnionPay's word on it that is none of those above is a failure (第5部分: 其他应答码为失败), by whatever
 * code; for these we have words.
 */
const DECLINES: Readonly<Record<string, string>> = {
  '01': 'card-refused',
  '30': 'card-refused',
  '33': 'limit-exceeded',
  '35': 'order-closed',
  '38': 'risk-refused',
  '42': 'paid-too-late',
  '60': 'card-refused',
  '61': 'card-refused',
  '62': 'card-refused',
  '63': 'account-frozen',
  '64': 'insufficient-funds',
  '65': 'password-failed',
  '66': 'card-refused',
  '67': 'password-failed',
  '71': 'password-failed',
  '73': 'card-refused',
  '77': 'card-refused',
  '78': 'card-refused',
}

/** A refund can fail in fewer ways: 33 more than was paid, 64 the merchant's account, 60 sent back by the payer's bank. */
const REFUND_DECLINES: Readonly<Record<string, string>> = {
  '33': 'refund-above-paid',
  '64': 'insufficient-merchant-funds',
  '60': 'refund-abnormal',
}

export type About = 'order' | 'refund'

/** Of the answer to a query. */
export function meaningOfQuery(about: About, trade: Trade, exchange: Exchange): Meaning {
  if (exchange.kind === 'failed') return unknown(exchange.code)
  if (exchange.respCode !== '00') return unknown(refusalOf(exchange.respCode))
  const queried = queriedReply.safeParse(exchange.said)
  return queried.success
    ? meaningOfTrade(about, trade, exchange.said, queried.data.origRespCode)
    : unknown('malformed-reply')
}

/** Of a trade as an answer or a notice says it: definite only where it names this one. */
export function meaningOfTrade(about: About, trade: Trade, said: Fields, code: string): Meaning {
  const read = tradeReply.safeParse(said)
  if (!read.success) return unknown('malformed-reply')
  if (!isOf(trade, read.data)) return unknown('other-order')
  const seen = seenOf(about, read.data)
  if (DONE.has(code)) {
    const { queryId } = read.data
    return queryId === undefined
      ? unknown('malformed-reply')
      : { outcome: { kind: 'succeeded', channelTradeNo: queryId }, seen }
  }
  if (UNDER_WAY.has(code)) return { outcome: { kind: 'pending' }, seen }
  if (!CODE.test(code)) return unknown('malformed-reply')
  const declined = (about === 'order' ? DECLINES : REFUND_DECLINES)[code] ?? unfamiliarDecline(code)
  return { outcome: { kind: 'declined', code: declined }, seen }
}

/** Whether a verified answer is of this trade. */
export function isOf({ orderId, txnTime }: Trade, said: Pick<TradeReply, 'orderId' | 'txnTime'>): boolean {
  return said.orderId === orderId && said.txnTime === txnTime
}

export function refusalOf(respCode: string): string {
  return REFUSALS[respCode] ?? 'unmapped-refusal'
}

/** Refunds are told without a currency (vectors: the refund of 2024): theirs is their payment's. */
function seenOf(about: About, { txnAmt, currencyCode, merId }: TradeReply): Seen | undefined {
  const code = currencyCode ?? (about === 'refund' ? '156' : undefined)
  if (txnAmt === undefined || code === undefined) return undefined
  return { amountFen: txnAmt, currency: code === '156' ? CURRENCY : code, payee: merId }
}

export function unknown(code: string): Meaning {
  return { outcome: { kind: 'unknown', code } }
}

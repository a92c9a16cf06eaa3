import { jsonOf } from '../../domain/json'
import type { Order, Outcome } from '../../domain/order'
import type { Posting } from '../../domain/posting'
import { isClawBack, type Refund, refundPostings } from '../../domain/refund'
import type { Exchange } from './client'
import { declinedBy, refusalCode } from './outcome'
import { refundReply } from './schema'

/** The body of `POST /v1/clearings/:orderNo/refunds`, or `…/claw-backs`: the order's legs, the other way round. */
export interface RefundRequest {
  refundNo: string
  businessDate: string
  legs: Posting[]
}

export function refundRequest(order: Order, { refundNo, businessDate, shares }: Refund): RefundRequest {
  return { refundNo, businessDate, legs: refundPostings(order, shares) }
}

/** A claw-back is an instruction of its own, for the bank holds it to less. */
export const refundRoute = ({ shares }: Refund) => (isClawBack(shares) ? 'claw-backs' : 'refunds')

/** The declines of this contract; any other ends the refund too, as an order's does. */
const DECLINE_CODES = new Set(['insufficient-merchant-funds', 'refund-above-paid', 'account-frozen'])

/** Refusals that say something of the request and nothing final of the refund. */
const REFUSAL_CODES = new Set([
  'not-found',
  'refund-no-reused',
  'order-not-booked',
  'unbalanced',
  'legs-invalid',
  'invalid-request',
  'key-unknown',
  'signature-invalid',
  'clock-skew',
  'nonce-reused',
])

/** Of a refund, by what the bank calls it. */
export const refundDeclineOf = (code: string): Outcome => declinedBy(DECLINE_CODES, code)

/** What an exchange means for the refund, by the rules of `outcomeOf`. The bank's number comes as `channelTradeNo`. */
export function refundOutcomeOf(
  { orderNo, refundNo }: Pick<Refund, 'orderNo' | 'refundNo'>,
  exchange: Exchange,
): Outcome {
  const unknown = (code: string): Outcome => ({ kind: 'unknown', code })
  if (exchange.kind === 'failed') return unknown(exchange.code)
  if (exchange.status !== 200) {
    const code = refusalCode(exchange.body)
    return unknown(code !== undefined && REFUSAL_CODES.has(code) ? code : 'unmapped-refusal')
  }
  const reply = refundReply.safeParse(jsonOf(exchange.body))
  if (!reply.success) return unknown('malformed-reply')
  if (reply.data.orderNo !== orderNo || reply.data.refundNo !== refundNo) return unknown('other-refund')
  switch (reply.data.state) {
    case 'succeeded':
      return { kind: 'succeeded', channelTradeNo: reply.data.channelRefundNo }
    case 'declined':
      return refundDeclineOf(reply.data.code)
    case 'pending':
      return { kind: 'pending' }
  }
}

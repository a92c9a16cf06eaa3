import { type Seen, unfamiliarDecline } from '../../domain/channel'
import { jsonOf } from '../../domain/json'
import { never } from '../../domain/never'
import type { Outcome } from '../../domain/order'
import type { ChannelReply } from '../../flow/ports'
import { actionOf } from './action'
import type { Exchange } from './client'
import { clearingReply, refusalReply, seenReply } from './schema'

/** The declines of this contract. One by another code is a decline as well: it ends the order under what the bank said (I5). */
const DECLINE_CODES = new Set([
  'insufficient-funds',
  'agreement-not-active',
  'account-frozen',
  'bank-limit-exceeded',
  'authentication-failed',
  'authentication-expired',
  'risk-refused',
  'order-closed',
])

/** Refusals that say something of the request and nothing final of the order. */
const REFUSAL_CODES = new Set([
  'not-found',
  'order-no-reused',
  'envelope-invalid',
  'unbalanced',
  'legs-invalid',
  'wrong-role',
  'invalid-request',
  'key-unknown',
  'signature-invalid',
  'clock-skew',
  'nonce-reused',
])

/**
 * What an exchange means for the order (I5): `succeeded` and `declined` only from a verified reply with status 200 that
 * names this order, whatever the decline's code. Everything else is `unknown`, with a stable code.
 */
export function outcomeOf(orderNo: string, exchange: Exchange): Outcome {
  if (exchange.kind === 'failed') return { kind: 'unknown', code: exchange.code }
  if (exchange.status !== 200) {
    const code = refusalCode(exchange.body)
    return { kind: 'unknown', code: code !== undefined && REFUSAL_CODES.has(code) ? code : 'unmapped-refusal' }
  }
  const reply = clearingReply.safeParse(jsonOf(exchange.body))
  if (!reply.success) return { kind: 'unknown', code: 'malformed-reply' }
  if (reply.data.orderNo !== orderNo) return { kind: 'unknown', code: 'other-order' }
  switch (reply.data.state) {
    case 'succeeded':
      return { kind: 'succeeded', channelTradeNo: reply.data.channelTradeNo }
    case 'declined':
      return declineOf(reply.data.code)
    case 'pending':
    case 'challenge':
      return { kind: 'pending' }
    default:
      return never(reply.data)
  }
}

/** Of an order, by what the bank calls it. */
export const declineOf = (code: string): Outcome => declinedBy(DECLINE_CODES, code)

export function declinedBy(known: ReadonlySet<string>, code: string): Outcome {
  return { kind: 'declined', code: known.has(code) ? code : unfamiliarDecline(code) }
}

/** What else a reply for this order says: what the payer must do now, or how they were known. Nothing of one that ends or means nothing. */
export function besidesOf(orderNo: string, exchange: Exchange): Pick<ChannelReply, 'action' | 'verification'> {
  const said =
    exchange.kind === 'verified' && exchange.status === 200
      ? clearingReply.safeParse(jsonOf(exchange.body)).data
      : undefined
  if (said?.orderNo !== orderNo) return {}
  if (said.state === 'challenge') return { action: actionOf(said) }
  return said.state === 'succeeded' && said.verification ? { verification: said.verification } : {}
}

/** The clearing or refund as the bank has it, where a verified reply names it. */
export function seenOf(exchange: Exchange): Seen | undefined {
  return exchange.kind === 'verified' ? seenReply.safeParse(jsonOf(exchange.body)).data : undefined
}

/** The code of a refusal's body, if it has one. */
export function refusalCode(body: string): string | undefined {
  const refusal = refusalReply.safeParse(jsonOf(body))
  return refusal.success ? refusal.data.code : undefined
}

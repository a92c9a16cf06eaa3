import { type PayerAction, type Seen, unfamiliarDecline } from '../../../server/domain/channel'
import type { Outcome } from '../../../server/domain/order'
import type { Exchange } from './client'
import { paymentReply, refusalReply } from './schema'

/** What the wallet's word on a payment means for its order. */
export interface Meaning {
  outcome: Outcome
  seen?: Seen
  action?: PayerAction
}

/** The ways to fail for which we have a code. One by another is a failure as well, under what the wallet said (I5). */
const DECLINES = new Set(['insufficient-funds', 'password-failed'])

/** Refusals that say something of the request and nothing final of the order. */
const REFUSALS = new Set([
  'not-found',
  'number-reused',
  'expires-too-late',
  'already-paid',
  'payment-in-progress',
  'invalid-request',
  'signature-invalid',
  'clock-skew',
  'nonce-reused',
])

export function meaningOf(number: string, exchange: Exchange): Meaning {
  if (exchange.kind === 'failed') return unknown(exchange.code)
  if (exchange.status === 200) return meaningOfPayment(number, exchange.said)
  const code = refusalOf(exchange)
  return unknown(code !== undefined && REFUSALS.has(code) ? code : 'unmapped-refusal')
}

/** Of a payment as a reply or a notice says it: definite only where it names this number, in words we know. */
export function meaningOfPayment(number: string, said: unknown): Meaning {
  const reply = paymentReply.safeParse(said)
  if (!reply.success) return unknown('malformed-reply')
  if (reply.data.number !== number) return unknown('other-order')
  if (reply.data.state === 'closed') return { outcome: { kind: 'declined', code: 'order-closed' } }
  const { amountFen, currency, payee } = reply.data
  const seen = { amountFen, currency, payee }
  switch (reply.data.state) {
    case 'open': {
      const { pageUrl, expiresAt } = reply.data
      return { outcome: { kind: 'pending' }, seen, action: { kind: 'redirect', params: { url: pageUrl }, expiresAt } }
    }
    case 'processing':
      return { outcome: { kind: 'pending' }, seen }
    case 'paid':
      return { outcome: { kind: 'succeeded', channelTradeNo: reply.data.tradeNo }, seen }
    case 'failed': {
      const { code } = reply.data
      return { outcome: { kind: 'declined', code: DECLINES.has(code) ? code : unfamiliarDecline(code) }, seen }
    }
  }
}

/** The code of a verified refusal, if it is one. */
export function refusalOf(exchange: Exchange): string | undefined {
  if (exchange.kind !== 'verified' || exchange.status === 200) return undefined
  return refusalReply.safeParse(exchange.said).data?.code
}

function unknown(code: string): Meaning {
  return { outcome: { kind: 'unknown', code } }
}

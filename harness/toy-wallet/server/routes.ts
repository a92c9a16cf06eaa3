import type { z } from 'zod'
import type { Bills } from './bill'
import type { Verb } from './faults'
import type { Answer } from './http'
import { prepayRequest, refundRequest } from './schema'
import type { Prepay, Refusal, RefusalCode, Wallet, WalletRefund } from './wallet'

/** What a signed request asks for, before anything is done. */
export interface Call {
  verb: Verb
  /** of the payment it is about */
  number: string | undefined
  run(wallet: Wallet): Answer
}

const STATUS: Record<RefusalCode, number> = {
  'not-found': 404,
  'number-reused': 409,
  'refund-number-reused': 409,
  'already-paid': 409,
  'payment-in-progress': 409,
  'not-paid': 409,
  'expires-too-late': 422,
}

/** Reads a request of README.md. An {@link Answer} when it is none. */
export function callOf(
  method: string,
  path: string,
  body: Buffer,
  pageUrl: (prepayId: string) => string,
  bills: Bills,
): Call | Answer {
  const answer = (prepay: Prepay | Refusal): Answer =>
    prepay.state === 'refused' ? refusal(prepay.code) : { status: 200, body: prepayView(prepay, pageUrl) }
  const route = `${method} ${path}`
  if (route === 'GET /v1/ping')
    return { verb: 'ping', number: undefined, run: () => ({ status: 200, body: { up: true } }) }
  if (route === 'POST /v1/prepays')
    return parsed(prepayRequest, body, (request) => ({
      verb: 'prepare',
      number: request.number,
      run: (wallet) => answer(wallet.prepare(request)),
    }))
  if (route === 'POST /v1/refunds')
    return parsed(refundRequest, body, (request) => ({
      verb: 'refund',
      number: request.number,
      run: (wallet) => refundAnswer(wallet.refund(request)),
    }))
  const [, verb, kind, number = '', close] =
    /^(GET|POST) \/v1\/(prepays|refunds|bills)\/([A-Za-z0-9-]{6,32})(\/close)?$/.exec(route) ?? []
  switch (`${verb} ${kind}${close ?? ''}`) {
    case 'GET prepays':
      return { verb: 'query', number, run: (wallet) => answer(wallet.query(number)) }
    case 'POST prepays/close':
      return { verb: 'close', number, run: (wallet) => answer(wallet.close(number)) }
    case 'GET refunds':
      return { verb: 'query-refund', number: undefined, run: (wallet) => refundAnswer(wallet.queryRefund(number)) }
    case 'GET bills':
      return { verb: 'bill', number: undefined, run: () => bills.manifest(number) }
    default:
      return { status: 404, body: { code: 'no-such-route' } }
  }
}

function parsed<T>(schema: z.ZodType<T>, body: Buffer, call: (value: T) => Call): Call | Answer {
  try {
    const value = schema.safeParse(JSON.parse(body.toString('utf8')))
    if (value.success) return call(value.data)
  } catch {
    // not JSON: the same answer
  }
  return { status: 400, body: { code: 'invalid-request' } }
}

/** What the wallet says of a payment, asked or unasked. */
export function prepayView(prepay: Prepay, pageUrl: (prepayId: string) => string): Record<string, unknown> {
  const { number, request, state, prepayId, tradeNo, paidAt, code } = prepay
  if (request === null) return { number, state }
  const { payee, amountFen, currency, expiresAt } = request
  const seen = { number, state, amountFen, currency, payee }
  switch (state) {
    case 'open':
      return { ...seen, prepayId, pageUrl: pageUrl(prepayId), expiresAt }
    case 'paid':
      return { ...seen, tradeNo, paidAt }
    case 'failed':
      return { ...seen, code }
    default:
      return seen
  }
}

/** What it says of a refund, asked or unasked. */
export function refundView(refund: WalletRefund): Record<string, unknown> {
  const { request, payee, refundId, state, refundedAt, code } = refund
  const named = { ...request, payee, refundId, state }
  if (state === 'failed') return { ...named, code }
  return state === 'succeeded' ? { ...named, refundedAt } : named
}

function refundAnswer(refund: WalletRefund | Refusal): Answer {
  return refund.state === 'refused' ? refusal(refund.code) : { status: 200, body: refundView(refund) }
}

function refusal(code: RefusalCode): Answer {
  return { status: STATUS[code], body: { code } }
}

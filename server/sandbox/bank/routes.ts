import type { z } from 'zod'
import type { Bank, Refusal, RefusalCode, Twist } from './bank'
import type { BankRefund, Clearing } from './facts'
import type { Verb } from './faults'
import { agreementRequest, type ClearingRequest, clearingRequest, type Role, refundRequest } from './schema'

export interface Answer {
  status: number
  body: unknown
}

/** What a signed request asks for, before anything is done. */
export interface Call {
  verb: Verb
  orderNo: string | undefined
  /** of a refund's call */
  refundNo?: string
  /** does it; a twist is a fault's way with a new clearing */
  run(bank: Bank, twist?: Twist): Answer
}

const STATUS: Record<RefusalCode, number> = {
  'not-found': 404,
  'order-no-reused': 409,
  'refund-no-reused': 409,
  'order-not-booked': 409,
  unbalanced: 422,
  'legs-invalid': 422,
  'wrong-role': 422,
  'code-refused': 422,
}

/** Reads a request of docs/bank-channel.md. An {@link Answer} when it is none. */
export function callOf(method: string, path: string, body: Buffer): Call | Answer {
  const route = `${method} ${path}`
  if (route === 'GET /v1/ping')
    return { verb: 'ping', orderNo: undefined, run: () => ({ status: 200, body: { state: 'up' } }) }
  if (route === 'POST /v1/clearings')
    return parsed(clearingRequest, body, (request) => ({
      verb: 'pay',
      orderNo: request.orderNo,
      run: (bank, twist) => answerOf(bank.clear(request, twist)),
    }))
  if (route === 'POST /v1/agreements')
    return parsed(agreementRequest, body, ({ payerId, oneTimeCode }) => ({
      verb: 'agree',
      orderNo: undefined,
      run: (bank) => agreementAnswer(bank, payerId, oneTimeCode),
    }))
  const one = /^(GET|POST) \/v1\/clearings\/([A-Za-z0-9_-]{1,64})(\/close)?$/.exec(route)
  const orderNo = one?.[2]
  if (orderNo && one[1] === 'GET' && !one[3])
    return { verb: 'query', orderNo, run: (bank) => answerOf(bank.query(orderNo)) }
  if (orderNo && one[1] === 'POST' && one[3])
    return { verb: 'close', orderNo, run: (bank) => answerOf(bank.close(orderNo)) }
  return refundCallOf(route, body) ?? { status: 404, body: { code: 'no-such-route' } }
}

function refundCallOf(route: string, body: Buffer): Call | Answer | undefined {
  const orderNo = /^POST \/v1\/clearings\/([A-Za-z0-9_-]{1,64})\/refunds$/.exec(route)?.[1]
  if (orderNo)
    return parsed(refundRequest, body, (request) => ({
      verb: 'refund',
      orderNo,
      refundNo: request.refundNo,
      run: (bank, twist) => refundAnswer(bank.refund(orderNo, request, twist)),
    }))
  const [, of, refundNo] =
    /^GET \/v1\/clearings\/([A-Za-z0-9_-]{1,64})\/refunds\/([A-Za-z0-9_-]{1,64})$/.exec(route) ?? []
  if (!of || !refundNo) return undefined
  return { verb: 'query-refund', orderNo: of, refundNo, run: (bank) => refundAnswer(bank.queryRefund(of, refundNo)) }
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

function answerOf(clearing: Clearing | Refusal): Answer {
  switch (clearing.state) {
    case 'refused':
      return { status: STATUS[clearing.code], body: { code: clearing.code } }
    case 'succeeded': {
      const { orderNo, state, channelTradeNo, bookedAt } = clearing
      return { status: 200, body: { orderNo, state, channelTradeNo, bookedAt, ...named(clearing.request) } }
    }
    case 'declined':
      return {
        status: 200,
        body: { orderNo: clearing.orderNo, state: 'declined', code: clearing.code, ...named(clearing.request) },
      }
    case 'pending':
      return { status: 200, body: { orderNo: clearing.orderNo, state: 'pending', ...named(clearing.request) } }
  }
}

/** What the payer pays or gets back, and the merchant's account; nothing of an order that the bank never saw. */
function named(request: Pick<ClearingRequest, 'legs'> | null) {
  const leg = (role: Role) => request?.legs.find((one) => one.role === role)
  const payer = leg('payer')
  const merchant = leg('merchant')
  return payer && merchant && { amountFen: Math.abs(payer.amountFen), currency: 'CNY', payee: merchant.account }
}

function refundAnswer(refund: BankRefund | Refusal): Answer {
  if (refund.state === 'refused') return { status: STATUS[refund.code], body: { code: refund.code } }
  const { orderNo, request, ...rest } = refund
  const names = { orderNo, refundNo: request.refundNo, ...named(request) }
  if (rest.state === 'pending') return { status: 200, body: { ...names, state: 'pending' } }
  return { status: 200, body: { ...names, ...rest } }
}

function agreementAnswer(bank: Bank, payerId: string, oneTimeCode: string): Answer {
  const agreement = bank.agree(payerId, oneTimeCode)
  if ('state' in agreement) return { status: STATUS[agreement.code], body: { code: agreement.code } }
  const { agreementId, account } = agreement
  return { status: 200, body: { agreementId, account, accountTail: account.slice(-4) } }
}

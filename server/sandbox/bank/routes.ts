import type { z } from 'zod'
import type { Bank, Twist } from './bank'
import type { Verb } from './faults'
import { clearingRequest, easyRequest, refundRequest } from './schema'
import { type Answer, agreementView, clearingAnswer, refundAnswer } from './views'

/** What a signed request asks for, before anything is done. */
export interface Call {
  verb: Verb
  orderNo: string | undefined
  /** of a refund's call */
  refundNo?: string
  /** does it; a twist is a fault's way with a new clearing */
  run(bank: Bank, twist?: Twist): Answer
}

const NO_SUCH_ROUTE: Answer = { status: 404, body: { code: 'no-such-route' } }

/** Reads a request of docs/bank-channel.md. An {@link Answer} when it is none. */
export function callOf(method: string, path: string, body: Buffer): Call | Answer {
  const route = `${method} ${path}`
  if (route === 'GET /v1/ping')
    return { verb: 'ping', orderNo: undefined, run: () => ({ status: 200, body: { state: 'up' } }) }
  if (route === 'POST /v1/clearings')
    return parsed(clearingRequest, body, (request) => ({
      verb: 'pay',
      orderNo: request.orderNo,
      run: (bank, twist) => clearingAnswer(bank, bank.clear(request, twist)),
    }))
  if (route === 'POST /v1/easy-agreements')
    return parsed(easyRequest, body, ({ payerId }) => ({
      verb: 'easy',
      orderNo: undefined,
      run: (bank) =>
        bank.ways.easy ? { status: 200, body: agreementView(bank, bank.signings.easy(payerId)) } : NO_SUCH_ROUTE,
    }))
  const one = /^(GET|POST) \/v1\/clearings\/([A-Za-z0-9_-]{1,64})(\/close)?$/.exec(route)
  const orderNo = one?.[2]
  if (orderNo && one[1] === 'GET' && !one[3])
    return { verb: 'query', orderNo, run: (bank) => clearingAnswer(bank, bank.query(orderNo)) }
  if (orderNo && one[1] === 'POST' && one[3])
    return { verb: 'close', orderNo, run: (bank) => clearingAnswer(bank, bank.close(orderNo)) }
  return refundCallOf(route, body) ?? NO_SUCH_ROUTE
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

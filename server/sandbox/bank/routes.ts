import { agreementCallOf } from './agreement-routes'
import { type Call, type Open, opened, parsed } from './calls'
import { clearingInside, clearingRequest, confirmRequest, refundRequest, resendRequest } from './schema'
import { type Answer, clearingAnswer, ENVELOPE_INVALID, refundAnswer, resendAnswer } from './views'

const NO_SUCH_ROUTE: Answer = { status: 404, body: { code: 'no-such-route' } }

/** Reads a request of docs/bank-channel.md. An {@link Answer} when it is none. */
export function callOf(method: string, path: string, body: Buffer, open: Open): Call | Answer {
  const route = `${method} ${path}`
  if (route === 'GET /v1/ping')
    return { verb: 'ping', orderNo: undefined, run: () => ({ status: 200, body: { state: 'up' } }) }
  if (route === 'POST /v1/clearings')
    return parsed(clearingRequest, body, (request) => ({
      verb: 'pay',
      orderNo: request.orderNo,
      run: (bank, twist) => clearingAnswer(bank, bank.clear(request, twist)),
    }))
  const one = /^(GET|POST) \/v1\/clearings\/([A-Za-z0-9_-]{1,64})(\/close)?$/.exec(route)
  const orderNo = one?.[2]
  if (orderNo && one[1] === 'GET' && !one[3])
    return { verb: 'query', orderNo, run: (bank) => clearingAnswer(bank, bank.query(orderNo)) }
  if (orderNo && one[1] === 'POST' && one[3])
    return { verb: 'close', orderNo, run: (bank) => clearingAnswer(bank, bank.close(orderNo)) }
  return (
    confirmCallOf(route, body, open) ?? refundCallOf(route, body) ?? agreementCallOf(route, body, open) ?? NO_SUCH_ROUTE
  )
}

function confirmCallOf(route: string, body: Buffer, open: Open): Call | Answer | undefined {
  const [, orderNo, verb] = /^POST \/v1\/clearings\/([A-Za-z0-9_-]{1,64})\/(confirm|resend)$/.exec(route) ?? []
  if (!orderNo) return undefined
  if (verb === 'resend')
    return parsed(resendRequest, body, ({ challengeId }) => ({
      verb: 'resend',
      orderNo,
      run: (bank) => resendAnswer(bank.resend(orderNo, challengeId), () => clearingAnswer(bank, bank.query(orderNo))),
    }))
  return parsed(confirmRequest, body, ({ challengeId, envelope }) => {
    const inside = opened(open, envelope, clearingInside)
    if (inside?.orderNo !== orderNo || inside.challengeId !== challengeId) return ENVELOPE_INVALID
    return {
      verb: 'confirm',
      orderNo,
      run: (bank, twist) => clearingAnswer(bank, bank.confirm(orderNo, { ...inside, at: 'sms' }, twist)),
    }
  })
}

function refundCallOf(route: string, body: Buffer): Call | Answer | undefined {
  const [, orderNo, kind] = /^POST \/v1\/clearings\/([A-Za-z0-9_-]{1,64})\/(refunds|claw-backs)$/.exec(route) ?? []
  if (orderNo)
    return parsed(refundRequest, body, (request) => ({
      verb: 'refund',
      orderNo,
      refundNo: request.refundNo,
      run: (bank, twist) =>
        refundAnswer(
          kind === 'refunds' ? bank.refund(orderNo, request, twist) : bank.clawBack(orderNo, request, twist),
        ),
    }))
  const [, of, refundNo] =
    /^GET \/v1\/clearings\/([A-Za-z0-9_-]{1,64})\/(?:refunds|claw-backs)\/([A-Za-z0-9_-]{1,64})$/.exec(route) ?? []
  if (!of || !refundNo) return undefined
  return { verb: 'query-refund', orderNo: of, refundNo, run: (bank) => refundAnswer(bank.queryRefund(of, refundNo)) }
}

import type { Bank } from './bank'
import { type Call, type Open, opened, parsed } from './calls'
import {
  confirmRequest,
  easyRequest,
  holderInside,
  resendRequest,
  signingInside,
  signRequest,
  smallRequest,
} from './schema'
import { type Answer, agreementView, ENVELOPE_INVALID, resendAnswer, signingAnswer } from './views'

const ONE = /^(GET|POST|PUT|DELETE) \/v1\/agreements\/([A-Za-z0-9_-]{1,64})(?:\/(confirm|resend|small-amount))?$/
const UNKNOWN: Answer = { status: 404, body: { code: 'agreement-not-found' } }

/** The requests about agreements; undefined when it is for something else. */
export function agreementCallOf(route: string, body: Buffer, open: Open): Call | Answer | undefined {
  if (route === 'POST /v1/agreements') return signCallOf(body, open)
  if (route === 'POST /v1/easy-agreements')
    return parsed(easyRequest, body, ({ payerId }) =>
      call('easy', (bank) =>
        bank.ways.easy ? { status: 200, body: agreementView(bank, bank.signings.easy(payerId)) } : UNKNOWN,
      ),
    )
  const [, method, id = '', what] = ONE.exec(route) ?? []
  switch (`${method} ${what}`) {
    case 'GET undefined':
      return call('state', (bank) => signingAnswer(bank, bank.signings.state(id)))
    case 'POST confirm':
      return parsed(confirmRequest, body, ({ challengeId, envelope }) => {
        const inside = opened(open, envelope, signingInside)
        if (inside?.signNo !== id || inside.challengeId !== challengeId) return ENVELOPE_INVALID
        return call('confirm', (bank) => signingAnswer(bank, bank.signings.confirm(id, { ...inside, at: 'sms' })))
      })
    case 'POST resend':
      return parsed(resendRequest, body, ({ challengeId }) =>
        call('resend', (bank) =>
          resendAnswer(bank.signings.resend(id, challengeId), () => signingAnswer(bank, bank.signings.state(id))),
        ),
      )
    case 'PUT small-amount':
      return parsed(smallRequest, body, ({ signNo, ...small }) =>
        call('sign', (bank) => signingAnswer(bank, bank.signings.allowSmall({ signNo, agreementId: id, small }))),
      )
    case 'DELETE undefined':
      return call('end', (bank) =>
        bank.signings.end(id) ? { status: 200, body: { agreementId: id, state: 'ended' } } : UNKNOWN,
      )
    case 'DELETE small-amount':
      return call('end', (bank) =>
        bank.signings.endSmall(id) ? { status: 200, body: { agreementId: id, small: null } } : UNKNOWN,
      )
  }
  return undefined
}

function signCallOf(body: Buffer, open: Open): Call | Answer {
  return parsed(signRequest, body, ({ signNo, payerId, envelope, returnTo = null }) => {
    const inside = opened(open, envelope, holderInside)
    if (inside?.signNo !== signNo) return ENVELOPE_INVALID
    return call('sign', (bank, twist) => {
      // On its own page only where there is a way back from it.
      const way = twist?.mode === 'redirect' && returnTo !== null ? 'redirect' : 'sms'
      return signingAnswer(bank, bank.signings.sign({ ...inside, payerId, returnTo }, way))
    })
  })
}

const call = (
  verb: Call['verb'],
  run: (bank: Bank, ...rest: Parameters<Call['run']> extends [Bank, ...infer R] ? R : never) => Answer,
): Call => ({
  verb,
  orderNo: undefined,
  run,
})

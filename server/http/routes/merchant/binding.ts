import { bindAndLogIn } from '../../../flow/merchant/login'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'
import { merchantSession } from './session'

/** How a platform user becomes a merchant's: by a code the bank handed over. */
export function bindingRoutes(deps: HttpDeps): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/merchant/binding',
      summary: 'Bind the user behind a login code to the merchant of a binding code, and log in',
      actor: 'anyone',
      limit: 'binding',
      body: contract.bindBody,
      reply: contract.merchantSession,
      problems: [
        'login-code-refused',
        'login-blocked',
        'login-too-often',
        'login-unavailable',
        'binding-refused',
        'binding-locked',
        'already-bound',
      ],
      async handle({ caller, body }) {
        const result = await bindAndLogIn(deps, { ...body, origin: caller })
        if (result.kind === 'bound') return merchantSession(deps, result)
        const { code } = result
        const field = ['login-code-refused', 'login-blocked', 'already-bound'].includes(code) ? 'code' : 'bindingCode'
        throw new HttpProblem(code, { field, ...(code === 'binding-locked' && { retryAfterS: 3_600 }) })
      },
    }),
  ]
}

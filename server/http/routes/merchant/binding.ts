import { bindUser } from '../../../flow/merchant/bind'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'

/** How a platform user becomes a merchant's: by a code the bank handed over. */
export function bindingRoutes(deps: HttpDeps): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/merchant/binding',
      summary: 'Bind the user behind a login code to the merchant of a binding code, and log in',
      actor: 'anyone',
      body: contract.bindBody,
      reply: contract.merchantSession,
      problems: ['login-refused', 'binding-refused', 'binding-locked', 'already-bound'],
      async handle({ body }) {
        const userId = await deps.identity.merchantUser(body.platform, body.code)
        if (!userId) throw new HttpProblem('login-refused', { field: 'code' })
        const result = await bindUser(deps, { userId, code: body.bindingCode })
        if (result.kind === 'refused') {
          const field = result.code === 'already-bound' ? 'code' : 'bindingCode'
          throw new HttpProblem(result.code, { field, ...(result.code === 'binding-locked' && { retryAfterS: 3_600 }) })
        }
        const { merchantCode, bindingId } = result.binding
        const merchant = await deps.catalog.merchant(merchantCode)
        if (!merchant) throw new Error(`the merchant ${merchantCode} of a binding vanished`)
        const bearer = { kind: 'merchant', merchantCode, bindingId } as const
        const session = deps.tokens.issue(bearer, deps.clock.now())
        return { ...session, merchant: { code: merchantCode, name: merchant.name } }
      },
    }),
  ]
}

import { z } from 'zod'
import { issueBindingCode, unbindUser } from '../../../flow/merchant/bind'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentMerchantUser } from '../../present/desk'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'
import { merchantSeen } from './merchant'

/** Which users may see a merchant: codes handed out, users bound, bindings ended. */
export function adminBindingRoutes(deps: HttpDeps): Route[] {
  return [issueCode(deps), listUsers(deps), unbind(deps)]
}

const params = z.object({ code: contract.merchantCode })
/** The newest; a merchant with more has a story that the log of operators tells. */
const MAX_USERS = 200

const issueCode = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/admin/merchants/:code/binding-codes',
    summary: 'A one-time code by which a user of the merchant binds, for fifteen minutes',
    actor: 'operator',
    permission: 'merchants',
    params,
    body: contract.bindingCodeBody,
    status: 201,
    reply: contract.bindingCode,
    problems: ['merchant-not-found'],
    async handle({ actor, params, body }) {
      const { merchantCode } = await merchantSeen(deps, actor, params.code)
      const { code, expiresAt } = await issueBindingCode(deps, { merchantCode, ...body, by: actor.username })
      return { code, role: body.role, expiresAt: new Date(expiresAt).toISOString() }
    },
  })

const listUsers = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/merchants/:code/users',
    summary: 'Who is bound to a merchant, and who was',
    actor: 'operator',
    permission: 'look',
    params,
    reply: contract.merchantUserList,
    problems: ['merchant-not-found'],
    async handle({ actor, params }) {
      const { merchantCode } = await merchantSeen(deps, actor, params.code)
      return { items: (await deps.desk.bindings.ofMerchant(merchantCode, MAX_USERS)).map(presentMerchantUser) }
    },
  })

const unbind = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/admin/merchants/:code/users/:bindingId/unbind',
    summary: 'End a binding, at once',
    actor: 'operator',
    permission: 'merchants',
    params: params.extend({ bindingId: z.string().regex(/^\d{1,15}$/) }),
    reply: contract.merchantUserList,
    problems: ['merchant-not-found', 'binding-not-found'],
    async handle({ actor, params }) {
      const { merchantCode } = await merchantSeen(deps, actor, params.code)
      const ended = await unbindUser(deps, { merchantCode, bindingId: Number(params.bindingId), by: actor.username })
      if (!ended) throw new HttpProblem('binding-not-found', { field: 'bindingId' })
      return { items: (await deps.desk.bindings.ofMerchant(merchantCode, MAX_USERS)).map(presentMerchantUser) }
    },
  })

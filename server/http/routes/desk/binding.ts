import { z } from 'zod'
import type { Operator } from '../../../domain/operator'
import { issueBindingCode, merchantUsers, unbindUser } from '../../../flow/merchant/bind'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentMerchantUser } from '../../present/desk'
import { iso } from '../../present/iso'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'
import { ASK_PROBLEMS, answerAsked } from './change-answer'

/** Which users may see a merchant: codes handed out, users bound, bindings ended. */
export function adminBindingRoutes(deps: HttpDeps): Route[] {
  return [issueCode(deps), listUsers(deps), unbind(deps)]
}

const params = z.object({ code: contract.merchantCode })

const issueCode = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/admin/merchants/:code/binding-codes',
    summary:
      'A one-time code by which a cashier of the merchant binds, for fifteen minutes; an owner’s waits for another operator’s review (202)',
    actor: 'operator',
    permission: 'merchants',
    params,
    body: contract.bindingCodeBody,
    status: 201,
    reply: z.union([contract.bindingCode, contract.askedChange]),
    problems: ['merchant-not-found', ...ASK_PROBLEMS],
    async handle({ actor, params, body, reply }) {
      const wanted = { merchantCode: params.code, role: body.role, note: body.note ?? null }
      const issued = await issueBindingCode(deps, actor, wanted)
      if (!issued) throw new HttpProblem('merchant-not-found', { field: 'code' })
      if (issued.kind !== 'issued') return answerAsked(issued, actor, reply)
      return { code: issued.code, role: body.role, expiresAt: iso(issued.expiresAt) }
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
    handle: ({ actor, params }) => users(deps, actor, params.code),
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
      const { code: merchantCode, bindingId } = params
      const ended = await unbindUser(deps, actor, { merchantCode, bindingId: Number(bindingId) })
      if (ended !== 'unbound')
        throw new HttpProblem(ended, { field: ended === 'binding-not-found' ? 'bindingId' : 'code' })
      return users(deps, actor, merchantCode)
    },
  })

async function users(deps: HttpDeps, operator: Operator, merchantCode: string) {
  const found = await merchantUsers(deps, operator, merchantCode)
  if (!found) throw new HttpProblem('merchant-not-found', { field: 'code' })
  return { items: found.map(presentMerchantUser) }
}

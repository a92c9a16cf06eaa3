import { z } from 'zod'
import type { Operator } from '../../../domain/operator'
import { askForCards } from '../../../flow/merchant/ask-cards'
import { issueBindingCode, merchantUsers, unbindUser } from '../../../flow/merchant/bind'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentChange } from '../../present/change'
import { presentMerchantUser } from '../../present/desk'
import { iso } from '../../present/iso'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'
import { ASK_PROBLEMS, answerAsked, changeProblem } from './change-answer'

/** Which users may see a merchant: codes handed out, users bound, bindings ended. */
export function adminBindingRoutes(deps: HttpDeps): Route[] {
  return [issueCode(deps), printCards(deps), listUsers(deps), unbind(deps)]
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

const printCards = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/admin/merchants/binding-cards',
    summary:
      'Cards to be printed, one for each of many merchants’ owners; with a word that is told to whoever approves, each is a code that is good for days',
    actor: 'operator',
    permission: 'merchants',
    body: contract.bindingCardsBody,
    status: 202,
    reply: contract.bindingCards,
    problems: ['merchant-not-found', ...ASK_PROBLEMS],
    async handle({ actor, body, reply }) {
      const asked = await askForCards(deps, actor, { ...body, note: body.note ?? null })
      if (asked.kind === 'unknown')
        throw new HttpProblem('merchant-not-found', { field: 'merchantCodes', detail: asked.merchantCode })
      if (asked.kind === 'refused') throw changeProblem(asked)
      reply({ etag: asked.request.revision })
      const { request, cards, address } = asked
      return { change: presentChange(request, actor), bankName: deps.bankName, address, cards }
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
  const { users: items, card } = found
  return { items: items.map(presentMerchantUser), card: card && { ...card, expiresAt: iso(card.expiresAt) } }
}

import { z } from 'zod'
import { dismissCashier, inviteCashier, shopStaff } from '../../../flow/merchant/staff'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { iso } from '../../present/iso'
import { presentStaff } from '../../present/staff'
import { HttpProblem } from '../../problem'
import { nothing, type Route, route } from '../../route'

/** Whom a shop's owner lets look. */
export function staffRoutes(deps: HttpDeps): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/merchant/staff',
      summary: 'Who may see the shop, newest first; for its owner',
      actor: 'merchant',
      reply: contract.staffList,
      problems: ['not-owner'],
      async handle({ actor }) {
        const found = await shopStaff(deps, actor)
        if (!found) throw new HttpProblem('not-owner')
        return { items: found.map((one) => presentStaff(one, actor.bindingId)) }
      },
    }),
    route({
      method: 'POST',
      path: '/api/merchant/staff/invites',
      summary: 'A one-time code by which a cashier binds, for fifteen minutes; from the owner',
      actor: 'merchant',
      limit: 'invite',
      fresh: true,
      body: contract.inviteBody,
      status: 201,
      reply: contract.invite,
      problems: ['not-owner', 'too-many-users'],
      async handle({ actor, body }) {
        const made = await inviteCashier(deps, actor, body.name)
        if (made.kind === 'refused') throw new HttpProblem(made.code)
        return { code: made.code, expiresAt: iso(made.expiresAt) }
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/merchant/staff/:bindingId',
      summary: 'The cashier sees the shop no longer, from now on; by its owner',
      actor: 'merchant',
      params: z.object({ bindingId: z.string().regex(/^\d{1,15}$/) }),
      status: 204,
      reply: nothing,
      problems: ['not-owner', 'binding-not-found'],
      async handle({ actor, params }) {
        const result = await dismissCashier(deps, actor, Number(params.bindingId))
        if (result === 'dismissed') return undefined
        throw new HttpProblem(result, result === 'binding-not-found' ? { field: 'bindingId' } : {})
      },
    }),
  ]
}

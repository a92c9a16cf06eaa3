import { z } from 'zod'
import { heldNow, pauseAll, pauseCampaign, pauseMerchant } from '../../../flow/campaign/brake'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentBrake, presentHeld } from '../../present/brake'
import { presentPaused } from '../../present/campaign'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'
import { campaignParams, orProblem } from './campaign-answer'

/** The brake: one person, at once. None of it needs a body, and none asks for a revision. Load is shed there last (../../admission), and nobody is told to wait. */
export function brakeRoutes(deps: HttpDeps): Route[] {
  return [holdCampaign(deps), holdMerchant(deps), holdAll(deps), showHeld(deps)]
}

const pulls = { method: 'POST', actor: 'operator', bodyOptional: true, body: contract.brakeBody, limit: null } as const

const holdCampaign = (deps: HttpDeps) =>
  route({
    ...pulls,
    path: '/admin/campaigns/:id/pause',
    summary: 'Stop the discounts at once, whatever is open; it is reviewed afterwards, and rejecting it resumes',
    permission: 'brake',
    params: campaignParams,
    reply: contract.pausedCampaign,
    problems: ['campaign-not-found', 'branch-refused', 'transition-refused'],
    async handle({ actor, params, body, reply }) {
      const seen = orProblem(await pauseCampaign(deps, actor, { campaignId: params.id, note: body.note ?? null }))
      reply({ etag: seen.record.revision })
      return presentPaused(seen)
    },
  })

const holdMerchant = (deps: HttpDeps) =>
  route({
    ...pulls,
    path: '/admin/merchants/:code/pause',
    summary: 'Stop the discounts at one merchant at once, whatever campaign is on there',
    permission: 'brake',
    params: z.object({ code: contract.merchantCode }),
    reply: contract.brakeView,
    problems: ['merchant-not-found'],
    async handle({ actor, params, body }) {
      const brake = await pauseMerchant(deps, actor, { merchantCode: params.code, note: body.note ?? null })
      if (brake === 'merchant-not-found') throw new HttpProblem(brake, { field: 'code' })
      return presentBrake(brake)
    },
  })

const holdAll = (deps: HttpDeps) =>
  route({
    ...pulls,
    path: '/admin/brake',
    summary: 'Stop every discount of the house at once',
    permission: 'brakeAll',
    reply: contract.brakeView,
    handle: async ({ actor, body }) => presentBrake(await pauseAll(deps, actor, body.note ?? null)),
  })

const showHeld = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/brake',
    summary: 'What is stopped: everything, and merchants one by one',
    actor: 'operator',
    permission: 'look',
    reply: contract.heldView,
    handle: async ({ actor }) => presentHeld(await heldNow(deps, actor)),
  })

import { z } from 'zod'
import { askToResume, heldNow, pauseAll, pauseCampaign, pauseMerchant } from '../../../flow/campaign/brake'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentBrake, presentHeld } from '../../present/brake'
import { presentCampaign } from '../../present/campaign'
import { HttpProblem } from '../../problem'
import { type Actor, type ReplyHeaders, type Route, route } from '../../route'
import { campaignParams, orProblem } from './campaign-answer'
import { ASK_PROBLEMS, answerAsked } from './change-answer'

/** The brake: one person, at once. Pulling it needs no body and no revision. Load is shed there last (../../admission), and nobody is told to wait. */
export function brakeRoutes(deps: HttpDeps): Route[] {
  return [holdCampaign(deps), holdMerchant(deps), holdAll(deps), showHeld(deps), resumeMerchant(deps), resumeAll(deps)]
}

const pulls = { method: 'POST', actor: 'operator', bodyOptional: true, body: contract.brakeBody, limit: null } as const

const holdCampaign = (deps: HttpDeps) =>
  route({
    ...pulls,
    path: '/admin/campaigns/:id/pause',
    summary: 'Stop the discounts at once, whatever is open; it is reviewed afterwards, and rejecting it resumes',
    permission: 'brake',
    params: campaignParams,
    reply: contract.campaignSummary,
    problems: ['campaign-not-found', 'branch-refused', 'transition-refused'],
    async handle({ actor, params, body, reply }) {
      const seen = orProblem(await pauseCampaign(deps, actor, { campaignId: params.id, note: body.note ?? null }))
      reply({ etag: seen.record.revision })
      return presentCampaign(seen)
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
    async handle({ actor, reply }) {
      const held = await heldNow(deps, actor)
      if (held.all) reply({ etag: held.all.revision })
      return presentHeld(held)
    },
  })

const asks = {
  actor: 'operator',
  bodyOptional: true,
  body: contract.brakeBody,
  ifMatch: true,
  status: 202,
  reply: contract.askedChange,
} as const

const resumeMerchant = (deps: HttpDeps) =>
  route({
    ...asks,
    method: 'POST',
    path: '/admin/merchants/:code/resume',
    summary: 'Ask for the discounts at a merchant to go on; If-Match is the brake’s revision',
    permission: 'brake',
    params: z.object({ code: contract.merchantCode }),
    problems: [...ASK_PROBLEMS, 'merchant-not-found', 'no-brake'],
    async handle({ actor, params, body, ifMatch, reply }) {
      const input = { merchantCode: params.code, note: body.note ?? null, revision: ifMatch }
      return answerResumption(await askToResume(deps, actor, input), actor, reply)
    },
  })

const resumeAll = (deps: HttpDeps) =>
  route({
    ...asks,
    method: 'DELETE',
    path: '/admin/brake',
    summary: 'Ask for the discounts of the house to go on; If-Match is the brake’s revision',
    permission: 'brakeAll',
    problems: [...ASK_PROBLEMS, 'no-brake'],
    async handle({ actor, body, ifMatch, reply }) {
      const input = { merchantCode: null, note: body.note ?? null, revision: ifMatch }
      return answerResumption(await askToResume(deps, actor, input), actor, reply)
    },
  })

function answerResumption(
  asked: Awaited<ReturnType<typeof askToResume>>,
  actor: Extract<Actor, { kind: 'operator' }>,
  reply: (headers: ReplyHeaders) => void,
) {
  if (typeof asked === 'object') return answerAsked(asked, actor, reply)
  const fields = { 'merchant-not-found': 'code', 'revision-changed': 'If-Match', 'no-brake': undefined }
  throw new HttpProblem(asked, { field: fields[asked] })
}

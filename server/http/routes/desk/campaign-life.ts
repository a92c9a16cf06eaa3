import type { AskedKind } from '../../../domain/campaign-life'
import type { CampaignRefusal } from '../../../flow/campaign/access'
import { compareForReview } from '../../../flow/campaign/compare'
import { askFor, reviewChange, reviewInbox, withdrawChange } from '../../../flow/campaign/review'
import { previewForReview } from '../../../flow/campaign/review-preview'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentComparison, presentReview } from '../../present/campaign'
import { type Route, route } from '../../route'
import { answerDetail, campaignParams, orProblem } from './campaign-answer'

/** One operator asks, another reviews; both may be scripted with curl, so none of it needs a body. */
export function campaignLifeRoutes(deps: HttpDeps): Route[] {
  return [
    askRoute(deps, 'submit', 'launch', 'Ask for a draft to be approved'),
    askRoute(deps, 'resume', 'resume', 'Ask for a paused campaign to go on'),
    askRoute(deps, 'end', 'end', 'Ask for a campaign to end before its last day'),
    amendRoute(deps),
    reviewRoute(deps, 'approve', 'Approve what another operator asked for'),
    reviewRoute(deps, 'reject', 'Reject what another operator asked for'),
    withdrawRoute(deps),
    inboxRoute(deps),
    compareRoute(deps),
    reviewPreviewRoute(deps),
  ]
}

const path = (verb: string) => `/admin/campaigns/:id/${verb}`

const common = {
  method: 'POST',
  actor: 'operator',
  params: campaignParams,
  bodyOptional: true,
  ifMatch: true,
  reply: contract.campaignDetail,
} as const

const REFUSALS = ['campaign-not-found', 'branch-refused', 'transition-refused'] as const satisfies CampaignRefusal[]
const LAUNCH = ['campaign-faulty', 'start-passed', 'priority-tie'] as const satisfies CampaignRefusal[]
const AMEND = [
  'campaign-faulty',
  'not-favourable',
  'merchant-unknown',
  'priority-tie',
] as const satisfies CampaignRefusal[]

const askRoute = (deps: HttpDeps, verb: string, kind: AskedKind, summary: string) =>
  route({
    ...common,
    path: path(verb),
    summary,
    permission: 'request',
    body: contract.askBody,
    problems: [...REFUSALS, 'change-open', ...(kind === 'launch' ? LAUNCH : [])],
    async handle({ actor, params, body, ifMatch, reply }) {
      const note = body.note ?? null
      orProblem(await askFor(deps, actor, { campaignId: params.id, kind, note, revision: ifMatch }))
      return answerDetail(deps, actor, params.id, reply)
    },
  })

const amendRoute = (deps: HttpDeps) =>
  route({
    ...common,
    path: path('amend'),
    summary: 'Ask for what favours consumers: a later end, more merchants, a larger budget',
    permission: 'request',
    body: contract.amendBody,
    jsonBytes: 64 * 1024,
    problems: [...REFUSALS, 'change-open', ...AMEND],
    async handle({ actor, params, body, ifMatch, reply }) {
      const { note = null, ...amendment } = body
      orProblem(await askFor(deps, actor, { campaignId: params.id, kind: 'amend', note, amendment, revision: ifMatch }))
      return answerDetail(deps, actor, params.id, reply)
    },
  })

const reviewRoute = (deps: HttpDeps, verdict: 'approve' | 'reject', summary: string) =>
  route({
    ...common,
    path: path(verdict),
    summary,
    permission: 'review',
    body: contract.reviewBody,
    problems: [...REFUSALS, 'no-open-change', 'own-change', ...(verdict === 'approve' ? [...LAUNCH, ...AMEND] : [])],
    async handle({ actor, params, body, ifMatch, reply }) {
      const note = body.note ?? null
      orProblem(await reviewChange(deps, actor, { campaignId: params.id, verdict, note, revision: ifMatch }))
      return answerDetail(deps, actor, params.id, reply)
    },
  })

const withdrawRoute = (deps: HttpDeps) =>
  route({
    ...common,
    path: path('withdraw'),
    summary: 'Take back what one asked for oneself; a pause in force needs a review to be lifted',
    permission: 'request',
    body: contract.askBody,
    problems: [...REFUSALS, 'no-open-change'],
    async handle({ actor, params, body, ifMatch, reply }) {
      const note = body.note ?? null
      orProblem(await withdrawChange(deps, actor, { campaignId: params.id, note, revision: ifMatch }))
      return answerDetail(deps, actor, params.id, reply)
    },
  })

const inboxRoute = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/reviews',
    summary: 'What waits for review, each with what approving it changes',
    actor: 'operator',
    permission: 'look',
    reply: contract.reviewList,
    handle: async ({ actor }) => ({ items: (await reviewInbox(deps, actor)).map(presentReview) }),
  })

const compareRoute = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/campaigns/:id/review',
    summary: 'What changed since a launch was last rejected, and the merchants of what waits for review',
    actor: 'operator',
    permission: 'look',
    params: campaignParams,
    query: contract.comparisonQuery,
    reply: contract.comparison,
    problems: ['campaign-not-found', 'no-open-change'],
    async handle({ actor, params, query }) {
      const asked = { all: query.show === 'all', cursor: query.cursor }
      return presentComparison(orProblem(await compareForReview(deps, actor, params.id, asked)))
    },
  })

const reviewPreviewRoute = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/campaigns/:id/review/preview',
    summary: 'What a launch or an amendment that waits for review would be: a deck, the forecast, the legal text',
    actor: 'operator',
    permission: 'look',
    dear: true,
    params: campaignParams,
    query: contract.reviewPreviewQuery,
    reply: contract.reviewPreview,
    problems: ['campaign-not-found', 'no-open-change', 'busy'],
    async handle({ actor, params, query, signal }) {
      const by = { owner: actor.username, signal: signal() }
      return orProblem(await previewForReview(deps, actor, params.id, query.ordersPerMerchantPerDay, by))
    },
  })

import type { CampaignRefusal } from '../../../flow/campaign/access'
import {
  campaignHistory,
  campaignPage,
  createCampaign,
  dropDraft,
  editCampaign,
  merchantsOfDay,
} from '../../../flow/campaign/campaigns'
import { preview } from '../../../flow/campaign/preview'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentCampaign, presentCampaignMerchant, presentHistory } from '../../present/campaign'
import { HttpProblem } from '../../problem'
import { nothing, type Route, route } from '../../route'
import { brakeRoutes } from './brake'
import { answerDetail, campaignParams, orProblem } from './campaign-answer'
import { campaignImportRoute, readCodesRoute } from './campaign-import'
import { campaignLifeRoutes } from './campaign-life'
import { sketchRoutes } from './sketch'
import { templateRoutes } from './template'

/** Campaigns: list, draft, look, preview. What becomes of a draft is in campaign-life.ts. */
export function campaignRoutes(deps: HttpDeps): Route[] {
  return [
    listCampaigns(deps),
    makeDraft(deps),
    previewDraft(deps),
    showCampaign(deps),
    editDraft(deps),
    dropRoute(deps),
    showHistory(deps),
    listMerchants(deps),
    campaignImportRoute(deps),
    readCodesRoute(),
    ...campaignLifeRoutes(deps),
    ...sketchRoutes(deps),
    ...templateRoutes(deps),
    ...brakeRoutes(deps),
  ]
}

/** 5,000 merchants and as many controls, with their quotes, are 350 KB; 1,000 branch budgets some 60. */
const DRAFT_BYTES = 512 * 1024

const WRITE_PROBLEMS = [
  'campaign-faulty',
  'merchant-unknown',
  'branch-not-found',
  'branch-refused',
] as const satisfies CampaignRefusal[]

const listCampaigns = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/campaigns',
    summary: 'Campaigns, newest first',
    actor: 'operator',
    permission: 'look',
    query: contract.campaignQuery,
    reply: contract.campaignList,
    async handle({ actor, query }) {
      const { items, nextCursor } = await campaignPage(deps, actor, query)
      return { items: items.map(presentCampaign), nextCursor }
    },
  })

const makeDraft = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/admin/campaigns',
    summary: 'Draft a campaign',
    actor: 'operator',
    permission: 'draft',
    idempotent: 'optional',
    body: contract.campaignBody,
    jsonBytes: DRAFT_BYTES,
    status: 201,
    reply: contract.campaignDetail,
    problems: WRITE_PROBLEMS,
    async handle({ actor, body, idempotencyKey, reply }) {
      const { merchantCodes, controlCodes, ...terms } = body
      const lists = { merchantCodes, controlCodes }
      const made = orProblem(await createCampaign(deps, actor, terms, lists, idempotencyKey || null))
      if (made.kind === 'key-reused') throw new HttpProblem('key-reused', { made: made.campaignId })
      return answerDetail(deps, actor, made.campaignId, reply)
    },
  })

const previewDraft = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/admin/campaigns/preview',
    summary: 'Deal a sample deck from a rule and forecast what a campaign of it costs; nothing is kept',
    actor: 'operator',
    permission: 'look',
    dear: true,
    body: contract.previewBody,
    reply: contract.previewView,
    problems: ['busy'],
    async handle({ actor, body, signal }) {
      const input = { ...body, organiser: body.organiser ?? deps.bankName }
      return preview(deps, input, { owner: actor.username, signal: signal() })
    },
  })

const showCampaign = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/campaigns/:id',
    summary: 'A campaign with its figures of today',
    actor: 'operator',
    permission: 'look',
    params: campaignParams,
    reply: contract.campaignDetail,
    problems: ['campaign-not-found'],
    handle: ({ actor, params, reply }) => answerDetail(deps, actor, params.id, reply),
  })

const editDraft = (deps: HttpDeps) =>
  route({
    method: 'PATCH',
    path: '/admin/campaigns/:id',
    summary: 'Edit a draft; what is left out stays',
    actor: 'operator',
    permission: 'draft',
    params: campaignParams,
    ifMatch: true,
    body: contract.campaignPatch,
    jsonBytes: DRAFT_BYTES,
    reply: contract.campaignDetail,
    problems: ['campaign-not-found', 'not-a-draft', ...WRITE_PROBLEMS],
    async handle({ actor, params, body, ifMatch, reply }) {
      const { merchantCodes, controlCodes, ...terms } = body
      const edit = { terms, lists: { merchantCodes, controlCodes } }
      orProblem(await editCampaign(deps, actor, params.id, ifMatch, edit))
      return answerDetail(deps, actor, params.id, reply)
    },
  })

const dropRoute = (deps: HttpDeps) =>
  route({
    method: 'DELETE',
    path: '/admin/campaigns/:id',
    summary: 'Throw a draft away; what was approved once stays',
    actor: 'operator',
    permission: 'draft',
    params: campaignParams,
    ifMatch: true,
    status: 204,
    reply: nothing,
    problems: ['campaign-not-found', 'not-a-draft', 'branch-refused'],
    async handle({ actor, params, ifMatch }) {
      orProblem(await dropDraft(deps, actor, params.id, ifMatch))
      return undefined
    },
  })

const showHistory = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/campaigns/:id/history',
    summary: 'The steps of a campaign’s life, oldest first',
    actor: 'operator',
    permission: 'look',
    params: campaignParams,
    reply: contract.historyView,
    problems: ['campaign-not-found'],
    handle: async ({ actor, params }) => presentHistory(orProblem(await campaignHistory(deps, actor, params.id))),
  })

const listMerchants = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/campaigns/:id/merchants',
    summary: 'Its merchants and controls by code, each with its day',
    actor: 'operator',
    permission: 'look',
    params: campaignParams,
    query: contract.campaignMerchantQuery,
    reply: contract.campaignMerchantList,
    problems: ['campaign-not-found'],
    async handle({ actor, params, query }) {
      const { items, nextCursor } = orProblem(await merchantsOfDay(deps, actor, params.id, query))
      return { items: items.map(presentCampaignMerchant), nextCursor }
    },
  })

import type { RequestState, Verdict } from '../../../domain/change'
import { giveVerdict } from '../../../flow/change/review'
import { changeLines, changePage, changeSeen } from '../../../flow/change/show'
import { wordsOf } from '../../../flow/merchant/ask-cards'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentChange } from '../../present/change'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'
import { changeProblem } from './change-answer'

/** What waits for a second person, and what became of it. */
export function changeRoutes(deps: HttpDeps): Route[] {
  return [
    listChanges(deps),
    readChange(deps),
    readLines(deps),
    verdictRoute(deps, 'approve', 'Approve what another operator asked for, as it was seen'),
    verdictRoute(deps, 'reject', 'Reject what another operator asked for; approved, as long as it has no effect yet'),
    verdictRoute(deps, 'withdraw', 'Take back what one asked for oneself, as long as it has no effect yet'),
  ]
}

const WAITING: readonly RequestState[] = ['open', 'approved']
const params = contract.changeRequestParams

const listChanges = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/changes',
    summary: 'Change requests in the operator’s sight, newest first',
    actor: 'operator',
    permission: 'look',
    query: contract.changeRequestQuery,
    reply: contract.changeRequestList,
    async handle({ actor, query: { kind, state, cursor } }) {
      const states = state && (state === 'waiting' ? WAITING : [state])
      const { items, ...more } = await changePage(deps, actor, { kind, states, cursor })
      return { items: items.map((one) => presentChange(one, actor)), ...more }
    },
  })

const readChange = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/changes/:id',
    summary: 'A change request: from what to what, who asked, who reviewed, when it takes effect',
    actor: 'operator',
    permission: 'look',
    params,
    reply: contract.changeRequestView,
    problems: ['change-not-found'],
    async handle({ actor, params, reply }) {
      const request = await changeSeen(deps, actor, params.id)
      if (!request) throw new HttpProblem('change-not-found', { field: 'id' })
      reply({ etag: request.revision })
      return presentChange(request, actor)
    },
  })

const readLines = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/changes/:id/lines',
    summary: 'The lines of a change that is about merchants, each from what to what',
    actor: 'operator',
    permission: 'look',
    params,
    query: contract.changeLineQuery,
    reply: contract.changeLineList,
    problems: ['change-not-found'],
    async handle({ actor, params, query }) {
      const page = await changeLines(deps, actor, params.id, query.cursor)
      if (!page) throw new HttpProblem('change-not-found', { field: 'id' })
      return page
    },
  })

/** Who may is the kind's to say, so that whoever may not is in the log with what they tried. */
const verdictRoute = (deps: HttpDeps, verdict: Verdict, summary: string) =>
  route({
    method: 'POST',
    path: `/admin/changes/:id/${verdict}`,
    summary,
    actor: 'operator',
    permission: 'look',
    params,
    body: contract.verdictBody,
    bodyOptional: true,
    ifMatch: true,
    reply: contract.judgedChange,
    problems: ['change-not-found', 'own-change', 'self-change', 'change-decided', 'secret-lost'],
    async handle({ actor, params, body, ifMatch, reply }) {
      const input = { changeId: params.id, revision: ifMatch, verdict, note: body.note ?? null }
      const result = await giveVerdict(deps, actor, input)
      if (result.kind === 'refused') throw changeProblem(result)
      reply({ etag: result.request.revision })
      // of binding cards the half is a seed, which nobody is told
      const words = wordsOf(result.request, result.half)
      return { change: presentChange(result.request, actor), half: words ? null : result.half, words }
    },
  })

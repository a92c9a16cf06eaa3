import { z } from 'zod'
import type { Operator } from '../../../domain/operator'
import type { SuspicionCursor } from '../../../flow/ports'
import { askToClawBack, askToDismiss, askToHold, type DecideResult } from '../../../flow/suspicion/decide'
import { suspicionDetail, suspicionPage } from '../../../flow/suspicion/queue'
import { scoreByHand } from '../../../flow/suspicion/score'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentSuspicion, presentSuspicionDetail } from '../../present/suspicion'
import { HttpProblem } from '../../problem'
import { type ReplyHeaders, type Route, route } from '../../route'
import { ASK_PROBLEMS, answerAsked } from './change-answer'

/** Suspicions of farming (可疑交易), and what people decide about them. */
export function suspicionRoutes(deps: HttpDeps): Route[] {
  return [listSuspicions(deps), readSuspicion(deps), scoreAnew(deps), dismiss(deps), hold(deps), clawBack(deps)]
}

const listSuspicions = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/suspicions',
    summary: 'Merchants whose cards look farmed, the worst first; decided ones, the latest first',
    actor: 'operator',
    permission: 'suspicions',
    query: contract.suspicionQuery,
    reply: contract.suspicionList,
    async handle({ query: { state, cursor } }) {
      const { items, nextCursor } = await suspicionPage(deps, { state, after: cursorOf(cursor) })
      return { items: items.map(presentSuspicion), nextCursor: nextCursor && cursorText(nextCursor) }
    },
  })

const readSuspicion = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/suspicions/:id',
    summary: 'A suspicion with its evidence, and the orders of one of its days',
    actor: 'operator',
    permission: 'suspicions',
    params: z.object({ id: contract.suspicionId }),
    query: contract.suspicionDayQuery,
    reply: contract.suspicionView,
    problems: ['suspicion-not-found'],
    async handle({ actor, params, query }) {
      const found = await suspicionDetail(deps, params.id, query.date)
      if (!found) throw new HttpProblem('suspicion-not-found', { field: query.date === undefined ? 'id' : 'date' })
      return presentSuspicionDetail(found, actor)
    },
  })

const scoreAnew = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/admin/scorings/:date',
    summary: 'Score a business date now, or anew; what was decided stays decided',
    actor: 'operator',
    permission: 'reconcile',
    dear: true,
    params: z.object({ date: contract.businessDate }),
    reply: contract.scoring,
    problems: ['scoring-refused'],
    async handle({ actor, params }) {
      const result = await scoreByHand(deps, params.date, actor.username)
      if (result.kind === 'scored') return { date: params.date, merchants: result.merchants, found: result.found }
      throw new HttpProblem('scoring-refused', { field: 'date', reason: result.code })
    },
  })

const params = z.object({ id: contract.suspicionId })
const problems = [...ASK_PROBLEMS, 'suspicion-not-found', 'suspicion-decided'] as const

const dismiss = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/admin/suspicions/:id/dismiss',
    summary: 'Ask another operator to agree that it is none, and say why',
    actor: 'operator',
    permission: 'suspicions',
    params,
    body: contract.dismissBody,
    status: 202,
    reply: contract.askedChange,
    problems,
    async handle({ actor, params, body, reply }) {
      return answered(await askToDismiss(deps, actor, { suspicionId: params.id, ...body }), actor, reply)
    },
  })

const hold = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/admin/suspicions/:id/hold',
    summary: 'Ask another operator to agree that further discounts are held back until a date, or given again',
    actor: 'operator',
    permission: 'suspicions',
    params,
    body: contract.holdBody,
    status: 202,
    reply: contract.askedChange,
    problems,
    async handle({ actor, params, body, reply }) {
      return answered(await askToHold(deps, actor, { suspicionId: params.id, ...body }), actor, reply)
    },
  })

const clawBack = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/admin/suspicions/:id/claw-back',
    summary: 'Ask another operator to agree that the merchant’s rewards of these orders go back to the branch',
    actor: 'operator',
    permission: 'suspicions',
    params,
    body: contract.clawBackBody,
    status: 202,
    reply: contract.askedChange,
    problems: [...problems, 'nothing-to-claw-back', 'channel-not-available'],
    async handle({ actor, params, body, reply }) {
      return answered(await askToClawBack(deps, actor, { suspicionId: params.id, ...body }), actor, reply)
    },
  })

function answered(result: DecideResult, actor: Operator, reply: (headers: ReplyHeaders) => void) {
  if (result.kind !== 'invalid') return answerAsked(result, actor, reply)
  switch (result.code) {
    case 'suspicion-not-found':
      throw new HttpProblem(result.code, { field: 'id' })
    case 'until-invalid':
      throw new HttpProblem('invalid-input', { field: 'until', detail: 'from today on, for a year at the most' })
    case 'nobody-held':
      throw new HttpProblem('invalid-input', { field: 'payersOf', detail: 'neither the merchant nor a payer is named' })
    case 'channel-not-available':
      throw new HttpProblem(result.code)
  }
}

const CURSOR = /^(\d{1,15})\.([A-Za-z0-9_.-]{1,90})$/

const cursorText = ({ rank, suspicionId }: SuspicionCursor) => `${rank}.${suspicionId}`

/** Problem: invalid-input for a cursor that is none of ours. */
function cursorOf(text: string | undefined): SuspicionCursor | undefined {
  if (text === undefined) return undefined
  const [, rank, suspicionId] = CURSOR.exec(text) ?? []
  if (suspicionId === undefined)
    throw new HttpProblem('invalid-input', { field: 'cursor', detail: 'this cursor is none of ours' })
  return { rank: Number(rank), suspicionId }
}

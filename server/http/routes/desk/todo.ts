import { z } from 'zod'
import { askToEnd, askToPay, askToRefundAgain } from '../../../flow/reconcile/ask'
import { todo } from '../../../flow/reconcile/todo'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { iso } from '../../present/iso'
import { type Route, route } from '../../route'
import { ASK_PROBLEMS, answerAsked } from './change-answer'

/** What is open for longer than a day, and what one operator asks for to have it ended; another reviews it (I12, I13). */
export function todoRoutes(deps: HttpDeps): Route[] {
  return [listTodo(deps), endOrder(deps), endRefund(deps), refundAgain(deps), payFromGl(deps)]
}

const listTodo = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/todo',
    summary: 'Payments, refunds and differences that have been open for longer than a day, the oldest first',
    actor: 'operator',
    permission: 'books',
    reply: contract.todoList,
    async handle() {
      const { items, more } = await todo(deps)
      const totals = { count: items.length, fen: items.reduce((sum, { fen }) => sum + fen, 0) }
      return { items: items.map((one) => ({ ...one, since: iso(one.since) })), more, totals }
    },
  })

const ENDED = ['already-ended', 'statement-awaited', 'statement-holds-it', 'not-found'] as const
const number = z.string().max(64)

const endOrder = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/admin/orders/:orderNo/end',
    summary:
      'Ask another operator to agree that a payment was never booked: no statement holds it, and the channel is silent',
    actor: 'operator',
    permission: 'reconcile',
    params: z.object({ orderNo: number }),
    body: contract.endBody,
    status: 202,
    reply: contract.askedChange,
    problems: [...ASK_PROBLEMS, ...ENDED],
    async handle({ actor, params, body, reply }) {
      return answerAsked(await askToEnd(deps, actor, 'order', { id: params.orderNo, ...body }), actor, reply)
    },
  })

const endRefund = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/admin/refunds/:refundNo/end',
    summary: 'Ask another operator to agree that a refund was never made',
    actor: 'operator',
    permission: 'reconcile',
    params: z.object({ refundNo: number }),
    body: contract.endBody,
    status: 202,
    reply: contract.askedChange,
    problems: [...ASK_PROBLEMS, ...ENDED],
    async handle({ actor, params, body, reply }) {
      return answerAsked(await askToEnd(deps, actor, 'refund', { id: params.refundNo, ...body }), actor, reply)
    },
  })

const differenceParams = z.object({ id: z.string().max(80) })

const refundAgain = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/admin/differences/:id/refund',
    summary:
      'The refund of an accepted difference failed: ask another operator to agree to one more, under another number',
    actor: 'operator',
    permission: 'reconcile',
    params: differenceParams,
    body: contract.giveBackBody,
    status: 202,
    reply: contract.askedChange,
    problems: [...ASK_PROBLEMS, 'already-ended', 'not-found'],
    async handle({ actor, params, body, reply }) {
      return answerAsked(await askToRefundAgain(deps, actor, { ...params, ...body }), actor, reply)
    },
  })

const payFromGl = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/admin/differences/:id/pay',
    summary:
      'The payer whom an accepted difference leaves short was paid from a GL account: ask another operator to agree',
    actor: 'operator',
    permission: 'reconcile',
    params: differenceParams,
    body: contract.payBody,
    status: 202,
    reply: contract.askedChange,
    problems: [...ASK_PROBLEMS, 'already-ended', 'not-found'],
    async handle({ actor, params, body, reply }) {
      return answerAsked(await askToPay(deps, actor, { ...params, ...body }), actor, reply)
    },
  })

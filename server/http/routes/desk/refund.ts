import { z } from 'zod'
import { askToRefund, weighRefund } from '../../../flow/refund/ask'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { MISSING_ORDER, missingOrder } from '../../missing-order'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'
import { ASK_PROBLEMS, answerAsked } from './change-answer'

/** A refund from the operators' desk: one looks what it would take and asks, another reviews it. */
export function adminRefundRoutes(deps: HttpDeps): Route[] {
  return [weigh(deps), ask(deps)]
}

const params = z.object({ orderNo: z.string().max(64) })
const FIELDS = {
  'order-not-paid': 'orderNo',
  'refund-above-paid': 'amountFen',
  'refunded-meanwhile': 'leftFen',
} as const
const refused = (code: keyof typeof FIELDS) => new HttpProblem(code, { field: FIELDS[code] })

const weigh = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/orders/:orderNo/refund-preview',
    summary: 'What a refund of so much would give and take, to look at before it is asked for',
    actor: 'operator',
    permission: 'request',
    params,
    query: contract.refundPreviewQuery,
    reply: contract.refundPreview,
    problems: [...MISSING_ORDER, 'order-not-paid', 'refund-above-paid'],
    async handle({ actor, params, query }) {
      const seen = await weighRefund(deps, actor, { ...params, payerFen: query.amountFen })
      if (seen.kind === 'order-not-found') throw await missingOrder(deps, params.orderNo, 'bank')
      if (seen.kind !== 'shares') throw refused(seen.kind)
      return { ...seen.shares, leftFen: seen.leftFen }
    },
  })

const ask = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/admin/orders/:orderNo/refund',
    summary: 'Ask another operator to agree that a payer gets so much back of a paid order',
    actor: 'operator',
    permission: 'request',
    params,
    body: contract.adminRefundBody,
    status: 202,
    reply: contract.askedChange,
    problems: [
      ...ASK_PROBLEMS,
      ...MISSING_ORDER,
      ...(Object.keys(FIELDS) as (keyof typeof FIELDS)[]),
      'too-many-refunds',
    ],
    async handle({ actor, params, body, reply }) {
      const { amountFen: payerFen, leftFen: seenLeftFen, reason } = body
      const asked = await askToRefund(deps, actor, { ...params, payerFen, seenLeftFen, reason })
      if (asked.kind === 'asked' || asked.kind === 'refused') return answerAsked(asked, actor, reply)
      if (asked.kind === 'order-not-found') throw await missingOrder(deps, params.orderNo, 'bank')
      throw refused(asked.kind)
    },
  })

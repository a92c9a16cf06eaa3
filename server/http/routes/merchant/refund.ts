import { z } from 'zod'
import { merchantRefunds } from '../../../flow/merchant/show'
import { previewRefund } from '../../../flow/refund/preview'
import { type RefundRefusal, refund } from '../../../flow/refund/refund'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { MISSING_ORDER, missingOrder } from '../../missing-order'
import { presentRefund } from '../../present/payer'
import { HttpProblem, type ProblemCode } from '../../problem'
import { type Route, route } from '../../route'

/** A merchant's refunds of its own orders; another merchant's order doesn't exist for it. */
export function refundRoutes(deps: HttpDeps): Route[] {
  return [makeRefund(deps), weighRefund(deps), listRefunds(deps)]
}

const path = '/api/merchant/orders/:orderNo/refunds'
const params = z.object({ orderNo: z.string().max(64) })

/** Which input a refusal is about; total, so that a new refusal must say. */
const REFUSED_FIELD: Record<RefundRefusal, string | undefined> = {
  'not-owner': undefined,
  'order-not-found': 'orderNo',
  'order-not-paid': 'orderNo',
  'too-many-refunds': 'orderNo',
  'refund-above-paid': 'amountFen',
  'refunded-meanwhile': 'leftFen',
  'key-reused': 'Idempotency-Key',
}

const makeRefund = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path,
    summary: 'Refund a paid order in full or in part, once for each Idempotency-Key',
    actor: 'merchant',
    idempotent: true,
    fresh: true,
    params,
    body: contract.refundBody,
    reply: contract.refundView,
    problems: [...(Object.keys(REFUSED_FIELD) as RefundRefusal[]), ...MISSING_ORDER] satisfies ProblemCode[],
    async handle({ actor, params, body, idempotencyKey }) {
      const { merchantCode, role } = actor
      const { amountFen: payerFen, leftFen: seenLeftFen, reason } = body
      const input = { merchantCode, role, ...params, payerFen, seenLeftFen, reason, idempotencyKey }
      const result = await refund(deps, input)
      if (result.kind === 'refund') return presentRefund(result.refund)
      if (result.code === 'order-not-found') throw await missingOrder(deps, params.orderNo, 'others')
      const detail = result.leftFen === undefined ? undefined : `${result.leftFen} fen are left`
      throw new HttpProblem(result.code, { field: REFUSED_FIELD[result.code], detail })
    },
  })

const weighRefund = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: `${path}/preview`,
    summary: 'What a refund of so much would give and take, to look at before it is asked for',
    actor: 'merchant',
    params,
    query: contract.refundPreviewQuery,
    reply: contract.refundPreview,
    problems: [...MISSING_ORDER, 'refund-above-paid'],
    async handle({ actor, params, query }) {
      const { merchantCode } = actor
      const seen = await previewRefund(deps, { merchantCode, ...params, payerFen: query.amountFen })
      if (seen.kind === 'order-not-found') throw await missingOrder(deps, params.orderNo, 'others')
      if (seen.kind !== 'shares') throw new HttpProblem(seen.kind, { field: REFUSED_FIELD[seen.kind] })
      return { ...seen.shares, leftFen: seen.leftFen }
    },
  })

const listRefunds = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path,
    summary: 'The refunds of an order, newest first',
    actor: 'merchant',
    params,
    reply: contract.refundList,
    problems: MISSING_ORDER,
    async handle({ actor, params }) {
      const found = await merchantRefunds(deps, actor.merchantCode, params.orderNo)
      if (!found) throw await missingOrder(deps, params.orderNo, 'others')
      return { items: found.map(presentRefund) }
    },
  })

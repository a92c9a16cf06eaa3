import { z } from 'zod'
import { type ActResult, closeOrder, confirmOrder, resendCode } from '../../../flow/payment/confirm'
import { payAnswer } from '../../../flow/payment/show'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { MISSING_ORDER, missingOrder } from '../../missing-order'
import { presentOrder } from '../../present/payer'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'

/** The payer's act where the bank asks for one. */
export function confirmRoutes(deps: HttpDeps): Route[] {
  return [confirm(deps), resend(deps), close(deps)]
}

const params = z.object({ orderNo: z.string().max(64) })
const UNAVAILABLE = ['channel-busy', 'channel-unavailable'] as const

const confirm = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/api/orders/:orderNo/confirm',
    summary: 'Answer the bank’s challenge; an order that has ended is told as it ended',
    actor: 'payer',
    limit: 'orders',
    params,
    body: contract.orderProofBody,
    reply: contract.orderView,
    problems: [...MISSING_ORDER, 'challenge-gone', 'channel-not-available', 'channel-busy'],
    handle: ({ actor, params, body }) =>
      answer(deps, params, () => confirmOrder(deps, { ...body, ...params, payerId: actor.payerId })),
  })

const resend = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/api/orders/:orderNo/resend',
    summary: 'Have the code sent once more',
    actor: 'payer',
    limit: 'orders',
    params,
    reply: contract.orderView,
    problems: [...MISSING_ORDER, 'challenge-gone', 'channel-not-available', 'too-soon', ...UNAVAILABLE],
    handle: ({ actor, params }) => answer(deps, params, () => resendCode(deps, { ...params, payerId: actor.payerId })),
  })

const close = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/api/orders/:orderNo/close',
    summary: 'Walk away: closed at the bank first, which may still say that it is paid',
    actor: 'payer',
    limit: 'orders',
    params,
    reply: contract.orderView,
    problems: [...MISSING_ORDER, 'channel-not-available', 'channel-busy'],
    handle: ({ actor, params }) => answer(deps, params, () => closeOrder(deps, { ...params, payerId: actor.payerId })),
  })

/** Which input a refusal is about; total, so that a new refusal must say. */
const REFUSED_FIELD = {
  'order-not-found': 'orderNo',
  'challenge-gone': 'challengeId',
  'channel-not-available': 'orderNo',
} as const satisfies Record<(ActResult & { kind: 'refused' })['code'], string>

async function answer(
  deps: HttpDeps,
  { orderNo }: z.output<typeof params>,
  act: () => Promise<ActResult>,
): Promise<contract.OrderView> {
  const began = deps.clock.now()
  const result = await act()
  switch (result.kind) {
    case 'order':
      return presentOrder(await payAnswer(deps, result.order, began), deps.clock.now())
    case 'refused':
      if (result.code === 'order-not-found') throw await missingOrder(deps, orderNo, 'others')
      throw new HttpProblem(result.code, { field: REFUSED_FIELD[result.code] })
    case 'later':
      throw new HttpProblem(result.code, { retryAfterS: Math.ceil(result.retryAfterMs / 1_000) })
  }
}

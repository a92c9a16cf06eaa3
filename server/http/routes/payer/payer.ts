import { z } from 'zod'
import { archivedBefore } from '../../../flow/archive/archived'
import { LOG_IN_REFUSED, whoIs } from '../../../flow/payer/log-in'
import { type PayRefusal, pay } from '../../../flow/payment/pay'
import { quote } from '../../../flow/payment/quote'
import { payAnswer, payerOrder, payerOrders, wasAsked } from '../../../flow/payment/show'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { MISSING_ORDER, missingOrder } from '../../missing-order'
import { presentOrder, presentQuote } from '../../present/payer'
import { HttpProblem, type ProblemCode } from '../../problem'
import { type Route, route } from '../../route'

/** What a payer does once at the counter: log in, quote, pay, see the result. */
export function payerRoutes(deps: HttpDeps): Route[] {
  return [logIn(deps), askQuote(deps), payQuote(deps), listOrders(deps), showOrder(deps)]
}

const logIn = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/api/session',
    summary: 'Exchange a login code for a payer token',
    actor: 'anyone',
    limit: 'log-in',
    body: contract.sessionBody,
    reply: contract.session,
    problems: ['login-code-refused', 'login-blocked', 'login-too-often', 'login-unavailable'],
    async handle({ caller, body }) {
      const person = await whoIs(deps, { ...body, origin: caller })
      if (person.kind === 'refused') throw new HttpProblem(LOG_IN_REFUSED[person.why], { field: 'code' })
      const { platform } = body
      return deps.tokens.issue({ kind: 'payer', payerId: person.personId, platform }, deps.clock.now())
    },
  })

const askQuote = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/api/quotes',
    summary: 'Quote an amount; takes the payer’s card if the order qualifies',
    actor: 'payer',
    limit: 'quotes',
    body: contract.quoteBody,
    reply: contract.quoteView,
    problems: ['merchant-not-found', 'amount-above-limit', 'pay-code-invalid', 'pay-code-expired', 'pay-code-used'],
    async handle({ actor, body }) {
      const { merchantCode, amountFen, channel, payCode } = body
      const result = await quote(deps, { payerId: actor.payerId, merchantCode, amountFen, channel, payCode })
      switch (result.kind) {
        case 'quoted':
          return presentQuote(result, deps.sealQuote(result.quote))
        case 'merchant-not-found':
          throw new HttpProblem(result.kind, { field: 'merchantCode' })
        case 'pay-code-invalid':
        case 'pay-code-expired':
        case 'pay-code-used':
          throw new HttpProblem(result.kind, { field: 'payCode' })
        case 'amount-above-limit': {
          const detail = `at most ${result.limitFen} fen a day for each payer`
          throw new HttpProblem(result.kind, { field: 'amountFen', detail })
        }
      }
    },
  })

/** Which input a refusal is about; total, so that a new refusal must say. */
const REFUSED_FIELD: Record<PayRefusal, string> = {
  'quote-invalid': 'quoteId',
  'quote-foreign': 'quoteId',
  'quote-expired': 'quoteId',
  'quote-used': 'quoteId',
  'slot-taken': 'quoteId',
  'daily-limit-reached': 'quoteId',
  'card-limit-reached': 'quoteId',
  'channel-not-available': 'quoteId',
  'agreement-not-found': 'agreementId',
  'identity-not-found': 'quoteId',
  'merchant-not-open': 'quoteId',
  'merchant-not-found': 'quoteId',
  'key-reused': 'Idempotency-Key',
}

const payQuote = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/api/orders',
    summary: 'Pay a quote, once for each Idempotency-Key',
    actor: 'payer',
    limit: 'orders',
    idempotent: true,
    isRepeat: ({ payerId }, key) => wasAsked(deps, payerId, key),
    body: contract.orderBody,
    reply: contract.orderView,
    problems: [
      ...(Object.keys(REFUSED_FIELD) as PayRefusal[]),
      'channel-busy',
      'channel-unavailable',
    ] satisfies ProblemCode[],
    async handle({ actor, caller, body, idempotencyKey }) {
      const began = deps.clock.now()
      const { payerId, platform } = actor
      const result = await pay(deps, { ...body, payerId, platform, idempotencyKey, origin: caller })
      if (result.kind === 'order') return presentOrder(await payAnswer(deps, result.order, began), deps.clock.now())
      if ('retryAfterMs' in result)
        throw new HttpProblem(result.code, { retryAfterS: Math.ceil(result.retryAfterMs / 1_000) })
      throw new HttpProblem(result.code, { field: REFUSED_FIELD[result.code] })
    },
  })

const listOrders = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/api/orders',
    summary: 'The payer’s own orders, newest first',
    actor: 'payer',
    query: contract.ownOrdersQuery,
    reply: contract.orderList,
    async handle({ actor, query }) {
      const page = await payerOrders(deps, actor.payerId, query)
      const { items, nextCursor } = page
      const now = deps.clock.now()
      const shown = { items: items.map((one) => presentOrder(one, now)), nextCursor }
      // Before each payment a page asks for these, and none of them is old.
      if (query.state === 'recent' || query.state === 'paying') return shown
      return { ...shown, archivedBefore: await archivedBefore(deps, page) }
    },
  })

const showOrder = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/api/orders/:orderNo',
    summary: 'An order of the payer',
    actor: 'payer',
    params: z.object({ orderNo: z.string().max(64) }),
    reply: contract.orderView,
    problems: MISSING_ORDER,
    async handle({ actor, params }) {
      const order = await payerOrder(deps, actor.payerId, params.orderNo)
      if (!order) throw await missingOrder(deps, params.orderNo, 'others')
      return presentOrder(order, deps.clock.now())
    },
  })

import { z } from 'zod'
import type { Order } from '../../domain/order'
import { agreementsOf } from '../../flow/agree'
import { pay } from '../../flow/pay'
import { quote } from '../../flow/quote'
import { payerOrder, rules, shopfront } from '../../flow/show'
import * as contract from '../contract'
import type { HttpDeps } from '../deps'
import { presentAgreement, presentMerchant, presentOrder, presentQuote, presentRules } from '../present'
import { HttpProblem, type ProblemCode } from '../problem'
import { type Route, route } from '../route'

const merchantParams = z.object({ code: contract.merchantCode })

/** Everything a payer does: log in, see the shop, quote, pay, see the result. */
export function payerRoutes(deps: HttpDeps): Route[] {
  const present = async (order: Order) => {
    const [merchant, agreements] = await Promise.all([
      deps.catalog.merchant(order.merchantCode),
      deps.catalog.agreements(order.payerId),
    ])
    return presentOrder(
      order,
      merchant,
      agreements.find((one) => one.agreementId === order.agreementId),
    )
  }
  return [
    route({
      method: 'POST',
      path: '/api/session',
      summary: 'Exchange a login code for a payer token',
      actor: 'anyone',
      body: contract.sessionBody,
      reply: contract.session,
      problems: ['login-refused'],
      async handle({ body }) {
        const payerId = await deps.identity.payer(body.platform, body.code)
        if (!payerId) throw new HttpProblem('login-refused', { field: 'code' })
        return deps.tokens.issue({ kind: 'payer', payerId }, deps.clock.now())
      },
    }),
    route({
      method: 'GET',
      path: '/api/merchants/:code',
      summary: 'A merchant and its offer',
      actor: 'anyone',
      params: merchantParams,
      reply: contract.merchantView,
      problems: ['merchant-not-found'],
      async handle({ params }) {
        const found = await shopfront(deps, params.code)
        if (!found) throw new HttpProblem('merchant-not-found', { field: 'code' })
        return presentMerchant(found)
      },
    }),
    route({
      method: 'GET',
      path: '/api/merchants/:code/rules',
      summary: 'The disclosure of the campaign at a merchant, with the commitment of today’s deck',
      actor: 'anyone',
      params: merchantParams,
      reply: contract.rulesView,
      problems: ['rules-not-found'],
      async handle({ params }) {
        const found = await rules(deps, params.code)
        if (!found) throw new HttpProblem('rules-not-found', { field: 'code' })
        return presentRules(found)
      },
    }),
    route({
      method: 'POST',
      path: '/api/quotes',
      summary: 'Quote an amount; takes the payer’s card if the order qualifies',
      actor: 'payer',
      body: contract.quoteBody,
      reply: contract.quoteView,
      problems: ['merchant-not-found', 'amount-above-limit'],
      async handle({ actor, body }) {
        const result = await quote(deps, { ...body, payerId: actor.payerId })
        switch (result.kind) {
          case 'quoted':
            return presentQuote(result.quote, deps.sealQuote(result.quote))
          case 'merchant-not-found':
            throw new HttpProblem(result.kind, { field: 'merchantCode' })
          case 'amount-above-limit': {
            const detail = `at most ${deps.limits.dailyLimitFen} fen a day for each payer`
            throw new HttpProblem(result.kind, { field: 'amountFen', detail })
          }
        }
      },
    }),
    route({
      method: 'GET',
      path: '/api/agreements',
      summary: 'The payer’s bank agreements',
      actor: 'payer',
      reply: contract.agreementList,
      problems: ['channel-unavailable'],
      async handle({ actor }) {
        const items = await agreementsOf(deps, actor.payerId)
        return { items: items.map((one) => presentAgreement(one, deps.bankName)) }
      },
    }),
    route({
      method: 'POST',
      path: '/api/orders',
      summary: 'Pay a quote, once for each Idempotency-Key',
      actor: 'payer',
      idempotent: true,
      body: contract.orderBody,
      reply: contract.orderView,
      problems: [...Object.keys(REFUSED_FIELD), 'channel-unavailable'] as ProblemCode[],
      async handle({ actor, body, idempotencyKey }) {
        const result = await pay(deps, { ...body, payerId: actor.payerId, idempotencyKey })
        if (result.kind === 'refused') throw new HttpProblem(result.code, { field: REFUSED_FIELD[result.code] })
        return present(result.order)
      },
    }),
    route({
      method: 'GET',
      path: '/api/orders/:orderNo',
      summary: 'An order of the payer',
      actor: 'payer',
      params: z.object({ orderNo: z.string().max(64) }),
      reply: contract.orderView,
      problems: ['order-not-found'],
      async handle({ actor, params }) {
        const order = await payerOrder(deps, actor.payerId, params.orderNo)
        if (!order) throw new HttpProblem('order-not-found', { field: 'orderNo' })
        return present(order)
      },
    }),
  ]
}

/** Which input a refusal of a pay is about; total, so that a new refusal must say. */
const REFUSED_FIELD: Record<Extract<Awaited<ReturnType<typeof pay>>, { kind: 'refused' }>['code'], string> = {
  'quote-invalid': 'quoteId',
  'quote-foreign': 'quoteId',
  'quote-expired': 'quoteId',
  'quote-used': 'quoteId',
  'slot-taken': 'quoteId',
  'daily-limit-reached': 'quoteId',
  'channel-not-available': 'quoteId',
  'agreement-not-found': 'agreementId',
  'key-reused': 'Idempotency-Key',
}

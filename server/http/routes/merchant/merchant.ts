import { merchantDay, merchantOrders } from '../../../flow/merchant/show'
import type { Merchant } from '../../../flow/ports'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentMerchantDay, presentMerchantOrder } from '../../present/payer'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'

/** A merchant's own figures: rewards, totals, orders. The live feed is in live.ts. */
export function merchantRoutes(deps: HttpDeps): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/merchant/session',
      summary: 'Exchange a login code for a merchant token',
      actor: 'anyone',
      body: contract.sessionBody,
      reply: contract.merchantSession,
      problems: ['login-refused'],
      async handle({ body }) {
        const found = (await ownerOf(deps, body)) ?? (await boundTo(deps, body))
        if (!found) throw new HttpProblem('login-refused', { field: 'code' })
        const { merchantCode, name } = found.merchant
        const bearer = { kind: 'merchant' as const, merchantCode, ...found.binding }
        const session = deps.tokens.issue(bearer, deps.clock.now())
        return { ...session, merchant: { code: merchantCode, name } }
      },
    }),
    route({
      method: 'GET',
      path: '/api/merchant/summary',
      summary: 'Totals of one business date',
      actor: 'merchant',
      query: contract.dayQuery,
      reply: contract.merchantSummaryView,
      problems: ['merchant-not-found'],
      async handle({ actor, query }) {
        const day = await merchantDay(deps, actor.merchantCode, query.date)
        if (!day) throw new HttpProblem('merchant-not-found')
        return presentMerchantDay(day)
      },
    }),
    route({
      method: 'GET',
      path: '/api/merchant/orders',
      summary: 'Paid orders of one business date, newest first',
      actor: 'merchant',
      query: contract.dayPageQuery,
      reply: contract.merchantOrderList,
      async handle({ actor, query }) {
        const page = await merchantOrders(deps, actor.merchantCode, query.date, query.cursor)
        return { items: page.items.map(presentMerchantOrder), nextCursor: page.nextCursor }
      },
    }),
  ]
}

interface Login {
  platform: string
  code: string
}
type Found = { merchant: Merchant; binding?: { bindingId: number } } | undefined

/** The sandbox's way in. */
async function ownerOf({ identity, catalog }: HttpDeps, { platform, code }: Login): Promise<Found> {
  const merchantCode = await identity.merchant(platform, code)
  const merchant = merchantCode && (await catalog.merchant(merchantCode))
  return merchant ? { merchant } : undefined
}

/** A platform user, bound by a code of the bank's. */
async function boundTo({ identity, catalog, desk }: HttpDeps, { platform, code }: Login): Promise<Found> {
  const userId = await identity.merchantUser(platform, code)
  const binding = userId && (await desk.bindings.ofUser(userId))
  const merchant = binding && (await catalog.merchant(binding.merchantCode))
  return merchant ? { merchant, binding: { bindingId: binding.bindingId } } : undefined
}

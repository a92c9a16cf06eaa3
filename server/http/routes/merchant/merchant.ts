import { z } from 'zod'
import { archivedBefore } from '../../../flow/archive/archived'
import { accountChange } from '../../../flow/change/show'
import { logInMerchant } from '../../../flow/merchant/login'
import { merchantDay, merchantOrders } from '../../../flow/merchant/show'
import { refundableOrder } from '../../../flow/refund/preview'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { MISSING_ORDER, missingOrder } from '../../missing-order'
import {
  presentAccountChange,
  presentMerchantDay,
  presentMerchantOrder,
  presentMerchantOrderDetail,
} from '../../present/payer'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'
import { merchantSession } from './session'

/** A merchant's own figures: rewards, totals, orders. The live feed is in live.ts. */
export function merchantRoutes(deps: HttpDeps): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/merchant/session',
      summary: 'Exchange a login code for a merchant token',
      actor: 'anyone',
      limit: 'log-in',
      body: contract.sessionBody,
      reply: contract.merchantSession,
      problems: ['login-code-refused', 'login-refused', 'login-blocked', 'login-too-often', 'login-unavailable'],
      async handle({ caller, body }) {
        const found = await logInMerchant(deps, { ...body, origin: caller })
        if (found.kind === 'refused') throw new HttpProblem(found.code, { field: 'code' })
        return merchantSession(deps, found)
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
        const { merchantCode, role } = actor
        const [day, change] = await Promise.all([
          merchantDay(deps, merchantCode, query.date),
          role === 'owner' ? accountChange(deps, merchantCode) : null,
        ])
        if (!day) throw new HttpProblem('merchant-not-found')
        return presentMerchantDay(day, role, change && presentAccountChange(change))
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
        const shown = { items: page.items.map(presentMerchantOrder), nextCursor: page.nextCursor }
        // Today never is, and most look at today.
        return query.date ? { ...shown, archivedBefore: await archivedBefore(deps, page, query.date) } : shown
      },
    }),
    route({
      method: 'GET',
      path: '/api/merchant/orders/:orderNo',
      summary: 'A paid order with its refunds, and what of it can still be refunded',
      actor: 'merchant',
      params: z.object({ orderNo: z.string().max(64) }),
      reply: contract.merchantOrderDetail,
      problems: MISSING_ORDER,
      async handle({ actor, params }) {
        const { merchantCode, role } = actor
        const found = await refundableOrder(deps, { merchantCode, role, ...params })
        if (!found) throw await missingOrder(deps, params.orderNo, 'others')
        return presentMerchantOrderDetail(found)
      },
    }),
  ]
}

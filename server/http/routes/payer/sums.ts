import { dayLimits, savings } from '../../../flow/payment/payer-sums'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { type Route, route } from '../../route'

/** What a payer reads of their own payments together. */
export function payerSumRoutes(deps: HttpDeps): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/day-limits',
      summary: 'What the payer may still pay today, by channel; a payment decides anew',
      actor: 'payer',
      reply: contract.dayLimitsView,
      handle: ({ actor }) => dayLimits(deps, actor.payerId),
    }),
    route({
      method: 'GET',
      path: '/api/savings',
      summary: 'What the payer has saved in all',
      actor: 'payer',
      reply: contract.savingsView,
      handle: ({ actor }) => savings(deps, actor.payerId),
    }),
  ]
}

import { z } from 'zod'
import { bankContact, rules, shopfront } from '../../../flow/merchant/show'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentMerchant, presentRules } from '../../present/payer'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'

const params = z.object({ code: contract.merchantCode })

/** What anyone may see of a merchant: its offer, and the rules of its campaign; and of the bank, whom to turn to. */
export function shopRoutes(deps: HttpDeps): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/merchants/:code',
      summary: 'A merchant and its offer',
      actor: 'anyone',
      params,
      reply: contract.merchantView,
      problems: ['merchant-not-found'],
      async handle({ params }) {
        const found = await shopfront(deps, params.code)
        if (!found) throw new HttpProblem('merchant-not-found', { field: 'code' })
        return presentMerchant(found, deps.bankName)
      },
    }),
    route({
      method: 'GET',
      path: '/api/merchants/:code/rules',
      summary: 'The disclosure of the campaign at a merchant, with the commitment of today’s deck',
      actor: 'anyone',
      params,
      reply: contract.rulesView,
      problems: ['rules-not-found'],
      async handle({ params }) {
        const found = await rules(deps, params.code)
        if (!found) throw new HttpProblem('rules-not-found', { field: 'code' })
        return presentRules(found)
      },
    }),
    route({
      method: 'GET',
      path: '/api/bank',
      summary: 'The bank, and how to reach it',
      actor: 'anyone',
      reply: contract.bankView,
      async handle() {
        return bankContact(deps)
      },
    }),
  ]
}

import { z } from 'zod'
import { makePayCode, readPayCode } from '../../../flow/payment/pay-code'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { iso } from '../../present/iso'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'

/** Codes for one payment that a shop's owner or cashier shows (动态收款码). */
export function makePayCodeRoutes(deps: HttpDeps): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/merchant/pay-codes',
      summary: 'Make a code for one payment of an amount, good for five minutes',
      actor: 'merchant',
      body: contract.payCodeBody,
      status: 201,
      reply: contract.madePayCodeView,
      problems: ['amount-above-limit'],
      async handle({ actor, body }) {
        const made = makePayCode(deps, actor.merchantCode, body.amountFen)
        if (made.kind === 'amount-above-limit') {
          const detail = `at most ${made.limitFen} fen a day for each payer`
          throw new HttpProblem(made.kind, { field: 'amountFen', detail })
        }
        const { merchantCode, amountFen, expiresAt } = made.code
        const path = `/q/${merchantCode}?pay=${made.text}`
        return { payCode: made.text, path, amountFen, expiresAt: iso(expiresAt) }
      },
    }),
    route({
      method: 'GET',
      path: '/api/merchant/pay-codes/:payCode',
      summary: 'What became of a code of the merchant’s',
      actor: 'merchant',
      params: z.object({ payCode: contract.payCode }),
      reply: contract.ownPayCodeView,
      problems: ['pay-code-invalid'],
      async handle({ actor, params }) {
        const found = await readPayCode(deps, actor.merchantCode, params.payCode)
        if (!found) throw new HttpProblem('pay-code-invalid', { field: 'payCode' })
        const { amountFen, expiresAt } = found.code
        return { amountFen, expiresAt: iso(expiresAt), state: found.standing.kind }
      },
    }),
  ]
}

import { z } from 'zod'
import { scannedPayCode } from '../../../flow/payment/pay-code'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { iso } from '../../present/iso'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'

/** What a code for one payment says to whoever scanned it. */
export function payCodeRoutes(deps: HttpDeps): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/merchants/:code/pay-codes/:payCode',
      summary: 'What a code for one payment says, while it can be paid',
      actor: 'anyone',
      params: z.object({ code: contract.merchantCode, payCode: contract.payCode }),
      reply: contract.payCodeView,
      problems: ['pay-code-invalid', 'pay-code-expired', 'pay-code-used'],
      async handle({ params }) {
        const found = await scannedPayCode(deps, params.code, params.payCode)
        if (found.kind === 'refused') throw new HttpProblem(found.code, { field: 'payCode' })
        return { amountFen: found.code.amountFen, expiresAt: iso(found.code.expiresAt) }
      },
    }),
  ]
}

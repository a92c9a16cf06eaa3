import { SMALL_TERMS } from '../../../domain/small-amount'
import { agreementsOf } from '../../../flow/payment/agree'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentAgreements, presentSmallTerms } from '../../present/payer'
import { type Route, route } from '../../route'

/** The accounts that a payer has bound (签约). */
export function agreementRoutes(deps: HttpDeps): Route[] {
  return [listAgreements(deps), smallTerms]
}

const listAgreements = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/api/agreements',
    summary: 'The payer’s bank agreements',
    actor: 'payer',
    reply: contract.agreementList,
    problems: ['channel-unavailable'],
    async handle({ actor }) {
      return { items: presentAgreements(await agreementsOf(deps, actor.payerId), deps.bankName) }
    },
  })

const smallTerms = route({
  method: 'GET',
  path: '/api/small-amount-terms',
  summary: 'What a payer agrees to who allows payments without a challenge (免密)',
  actor: 'anyone',
  reply: contract.smallTermsView,
  async handle() {
    return presentSmallTerms(SMALL_TERMS)
  },
})

import { z } from 'zod'
import { SMALL_TERMS } from '../../../domain/small-amount'
import { agreementsOf } from '../../../flow/agreement/agreements'
import { type ChangeResult, end, endSmall, makeDefault } from '../../../flow/agreement/end'
import {
  allowSmall,
  confirmSigning,
  resendSigning,
  type SignResult,
  showSigning,
  sign,
} from '../../../flow/agreement/sign'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentAgreements, presentSigning, presentSmallTerms } from '../../present/agreement'
import { HttpProblem } from '../../problem'
import { nothing, type Route, route } from '../../route'

/** The accounts that a payer binds (签约), chooses, and ends (解约); and payments of small amounts without a challenge. */
export function agreementRoutes(deps: HttpDeps): Route[] {
  return [
    listAgreements(deps),
    askToSign(deps),
    showOne(deps),
    confirmOne(deps),
    resendOne(deps),
    choose(deps),
    endOne(deps),
    smallTerms,
    askForSmall(deps),
    endSmallOf(deps),
  ]
}

const ofSigning = z.object({ signNo: z.string().max(32) })
const ofAgreement = z.object({ agreementId: z.string().max(64) })

const listAgreements = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/api/agreements',
    summary: 'The payer’s bank agreements in force',
    actor: 'payer',
    reply: contract.agreementList,
    problems: ['channel-unavailable'],
    async handle({ actor }) {
      return { items: presentAgreements(await agreementsOf(deps, actor.payerId)) }
    },
  })

const askToSign = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/api/agreements',
    summary: 'Ask the bank to bind an account (签约)',
    actor: 'payer',
    limit: 'sign',
    body: contract.signBody,
    reply: contract.signView,
    problems: ['too-many-signings', 'channel-unavailable'],
    async handle({ actor, body }) {
      return answer(deps, await sign(deps, { ...body, payerId: actor.payerId }))
    },
  })

const showOne = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/api/agreements/signings/:signNo',
    summary: 'How a request to sign stands, as the bank says',
    actor: 'payer',
    params: ofSigning,
    reply: contract.signView,
    problems: ['sign-not-found'],
    async handle({ actor, params }) {
      return answer(deps, await showSigning(deps, actor.payerId, params.signNo))
    },
  })

const confirmOne = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/api/agreements/:signNo/confirm',
    summary: 'Answer the bank’s challenge; the same proof again has the same answer',
    actor: 'payer',
    limit: 'sign',
    params: ofSigning,
    body: contract.signProofBody,
    reply: contract.signView,
    problems: ['sign-not-found', 'challenge-gone', 'channel-unavailable'],
    async handle({ actor, params, body }) {
      return answer(deps, await confirmSigning(deps, { ...body, ...params, payerId: actor.payerId }))
    },
  })

const resendOne = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/api/agreements/:signNo/resend',
    summary: 'Have the code sent once more',
    actor: 'payer',
    limit: 'sign',
    params: ofSigning,
    reply: contract.signView,
    problems: ['sign-not-found', 'challenge-gone', 'too-soon', 'channel-unavailable'],
    async handle({ actor, params }) {
      return answer(deps, await resendSigning(deps, actor.payerId, params.signNo))
    },
  })

const choose = (deps: HttpDeps) =>
  route({
    method: 'PUT',
    path: '/api/agreements/:agreementId/default',
    summary: 'Pay with it what names no other',
    actor: 'payer',
    params: ofAgreement,
    status: 204,
    reply: nothing,
    problems: ['agreement-unknown'],
    async handle({ actor, params }) {
      return done(await makeDefault(deps, actor.payerId, params.agreementId))
    },
  })

const endOne = (deps: HttpDeps) =>
  route({
    method: 'DELETE',
    path: '/api/agreements/:agreementId',
    summary: 'End it (解约), at the bank first; once more is as good',
    actor: 'payer',
    params: ofAgreement,
    status: 204,
    reply: nothing,
    problems: ['agreement-unknown', 'channel-unavailable'],
    async handle({ actor, params }) {
      return done(await end(deps, actor.payerId, params.agreementId))
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

const askForSmall = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/api/agreements/:agreementId/small-amount',
    summary: 'Consent to payments of small amounts without a challenge; a challenge comes first',
    actor: 'payer',
    limit: 'sign',
    params: ofAgreement,
    body: contract.smallBody,
    reply: contract.signView,
    problems: ['agreement-unknown', 'terms-changed', 'too-many-signings', 'channel-unavailable'],
    async handle({ actor, params, body }) {
      return answer(deps, await allowSmall(deps, { ...body, ...params, payerId: actor.payerId }))
    },
  })

const endSmallOf = (deps: HttpDeps) =>
  route({
    method: 'DELETE',
    path: '/api/agreements/:agreementId/small-amount',
    summary: 'From now on each payment is asked about; once more is as good',
    actor: 'payer',
    params: ofAgreement,
    status: 204,
    reply: nothing,
    problems: ['agreement-unknown', 'channel-unavailable'],
    async handle({ actor, params }) {
      return done(await endSmall(deps, actor.payerId, params.agreementId))
    },
  })

/** Which input a refusal is about; total, so that a new refusal must say. */
const REFUSED_FIELD = {
  'sign-not-found': 'signNo',
  'challenge-gone': 'challengeId',
  'agreement-unknown': 'agreementId',
  'terms-changed': 'terms',
} as const satisfies Record<(SignResult & { kind: 'refused' })['code'], string>

function answer(deps: HttpDeps, result: SignResult): contract.SignView {
  switch (result.kind) {
    case 'signing':
      return presentSigning(result.told, deps.clock.now())
    case 'refused':
      throw new HttpProblem(result.code, { field: REFUSED_FIELD[result.code] })
    case 'later':
      throw new HttpProblem(result.code, { retryAfterS: Math.ceil(result.retryAfterMs / 1_000) })
  }
}

function done(result: ChangeResult): undefined {
  if (result !== 'done') throw new HttpProblem(result, { field: 'agreementId' })
}

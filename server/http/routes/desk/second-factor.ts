import { askForChange } from '../../../flow/change/ask'
import { beginEnrolment, confirmEnrolment, secondFactorOf } from '../../../flow/operator/enrolment'
import { secondFactorDue } from '../../../flow/operator/second-factor'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { iso } from '../../present/iso'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'
import { ASK_PROBLEMS, answerAsked } from './change-answer'
import { codeRefused, locked } from './entry'

/** An operator's own second factor: what every one of them may have, and may do before anything else. */
export function secondFactorRoutes(deps: HttpDeps): Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/second-factor',
      summary: 'Whether there is a second factor, and how many codes to recover with are left',
      actor: 'operator',
      permission: null,
      reply: contract.secondFactorView,
      async handle({ actor }) {
        const factor = await secondFactorOf(deps, actor.username)
        const required = secondFactorDue(deps, { operator: actor, secondFactor: false })
        const { since = null, recoveryCodesLeft = null } = factor ?? {}
        return { required, since: since === null ? null : iso(since), recoveryCodesLeft }
      },
    }),
    route({
      method: 'POST',
      path: '/admin/second-factor',
      summary: 'A new secret for the authenticator app; whoever has one shows a code of it first',
      actor: 'operator',
      permission: null,
      body: contract.enrolmentBody,
      bodyOptional: true,
      reply: contract.enrolmentView,
      problems: ['code-refused', 'login-locked'],
      async handle({ actor, body }) {
        const begun = await beginEnrolment(deps, actor, body.code)
        if (begun.kind === 'locked') return locked(deps, begun.until)
        if (begun.kind === 'code') return codeRefused(begun.fault)
        const { secret, uri, ticket, expiresAt } = begun
        return { secret, uri, ticket, expiresAt: iso(expiresAt) }
      },
    }),
    route({
      method: 'POST',
      path: '/admin/second-factor/confirm',
      summary: 'The first code of the new secret: from now on it is asked for; answers the codes to recover with, once',
      actor: 'operator',
      permission: null,
      body: contract.secondStepBody,
      reply: contract.recoveryCodes,
      problems: ['code-refused'],
      async handle({ actor, body }) {
        const result = await confirmEnrolment(deps, actor, body.ticket, body.code)
        if (result.kind === 'code') return codeRefused(result.fault)
        if (result.kind === 'refused') throw new HttpProblem('code-refused', { field: 'ticket', reason: 'expired' })
        return { recoveryCodes: result.recoveryCodes }
      },
    }),
    resetRoute(deps),
  ]
}

const resetRoute = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/admin/operators/:username/reset-second-factor',
    summary:
      'Ask that somebody who lost telephone and codes may set up another second factor; another administrator approves',
    actor: 'operator',
    permission: 'operators',
    params: contract.usernameParams,
    body: contract.verdictBody,
    bodyOptional: true,
    status: 202,
    reply: contract.askedChange,
    problems: [...ASK_PROBLEMS, 'not-found'],
    async handle({ actor, params, body, reply }) {
      const subject = `operator/${params.username}`
      const wanted = {
        kind: 'operator.second-factor-reset',
        subject,
        branchCode: null,
        after: { secondFactorReset: true },
      } as const
      return answerAsked(await askForChange(deps, actor, { ...wanted, note: body.note ?? null }), actor, reply)
    },
  })

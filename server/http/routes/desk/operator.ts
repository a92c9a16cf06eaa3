import { lastSeals } from '../../../flow/audit/seal'
import { checkLog, deedPage } from '../../../flow/operator/log'
import {
  askForOperator,
  askForPassword,
  changeOperator,
  listOperators,
  unlockOperator,
} from '../../../flow/operator/operators'
import type { OperatorChanged } from '../../../flow/ports'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentAction, presentOperator, presentSeal } from '../../present/operator'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'
import { ASK_PROBLEMS, answerAsked } from './change-answer'

/** Who the operators are, and what they did. */
export function operatorRoutes(deps: HttpDeps): Route[] {
  return [...peopleRoutes(deps), ...accessRoutes(deps), ...logRoutes(deps)]
}

const path = '/admin/operators/:username'

function peopleRoutes(deps: HttpDeps): Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/operators',
      summary: 'All operators, by username',
      actor: 'operator',
      permission: 'operators',
      reply: contract.operatorList,
      async handle() {
        const now = deps.clock.now()
        return { items: (await listOperators(deps)).map((one) => presentOperator(one, now)) }
      },
    }),
    route({
      method: 'POST',
      path: '/admin/operators',
      summary:
        'Ask for a new operator; each half of the one-time password is shown once, to whoever asks and whoever approves',
      actor: 'operator',
      permission: 'operators',
      body: contract.operatorBody,
      status: 202,
      reply: contract.askedChange,
      problems: ['operator-exists', 'branch-not-found', 'roles-apart', ...ASK_PROBLEMS],
      async handle({ actor, body: { note = null, ...given }, reply }) {
        return answerAsked(await askForOperator(deps, actor, { ...given, note }), actor, reply)
      },
    }),
    route({
      method: 'PATCH',
      path,
      summary:
        'Disable an operator or change the name at once; ask for other roles, another branch, or to let in again (202)',
      actor: 'operator',
      permission: 'operators',
      params: contract.usernameParams,
      body: contract.operatorPatch,
      reply: contract.operatorChanged,
      problems: ['operator-not-found', 'last-admin', 'branch-not-found', 'roles-apart', ...ASK_PROBLEMS],
      async handle({ actor, params, body, reply }) {
        const { changed, asked } = await changeOperator(deps, actor, params.username, body)
        const operator = presentChanged(deps, changed)
        return { operator, change: asked && answerAsked(asked, actor, reply).change }
      },
    }),
  ]
}

/** For whoever can't get in. */
function accessRoutes(deps: HttpDeps): Route[] {
  return [
    route({
      method: 'POST',
      path: `${path}/reset-password`,
      summary: 'Ask for a one-time password for who has forgotten theirs; told in halves, as that of a new operator',
      actor: 'operator',
      permission: 'operators',
      params: contract.usernameParams,
      body: contract.verdictBody,
      bodyOptional: true,
      status: 202,
      reply: contract.askedChange,
      problems: ['operator-not-found', 'password-refused', ...ASK_PROBLEMS],
      async handle({ actor, params, body, reply }) {
        const result = await askForPassword(deps, actor, params.username, body.note ?? null)
        if (result.kind === 'not-found') throw new HttpProblem('operator-not-found')
        if (result.kind === 'single-sign-on')
          throw new HttpProblem('password-refused', { detail: 'the operator logs in by single sign-on' })
        return answerAsked(result, actor, reply)
      },
    }),
    route({
      method: 'POST',
      path: `${path}/unlock`,
      summary: 'End the lock after wrong passwords before its time; after wrong codes it ends by time alone',
      actor: 'operator',
      permission: 'operators',
      params: contract.usernameParams,
      reply: contract.operatorView,
      problems: ['operator-not-found'],
      handle: async ({ actor, params }) =>
        presentChanged(deps, await unlockOperator(deps, actor.username, params.username)),
    }),
  ]
}

function logRoutes(deps: HttpDeps): Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/audit',
      summary: 'What operators did, newest first',
      actor: 'operator',
      permission: 'log',
      query: contract.actionQuery,
      reply: contract.actionList,
      async handle({ query }) {
        const { items, ...more } = await deedPage(deps, query)
        return { items: items.map(presentAction), ...more }
      },
    }),
    route({
      method: 'GET',
      path: '/admin/audit/chain',
      summary: 'Whether the log is as it was written: each action follows from the one before',
      actor: 'operator',
      permission: 'log',
      dear: true,
      reply: contract.chainView,
      async handle() {
        const { actions, breaks, endMac } = await checkLog(deps)
        return { intact: breaks.length === 0, actions, brokenAt: breaks[0]?.actionId ?? null, endMac }
      },
    }),
    route({
      method: 'GET',
      path: '/admin/audit/seals',
      summary: 'The last sealed days of the books, the latest first, to compare with what was given out',
      actor: 'operator',
      permission: 'log',
      reply: contract.sealList,
      async handle() {
        return { items: (await lastSeals(deps)).map(presentSeal) }
      },
    }),
  ]
}

function presentChanged(deps: HttpDeps, result: OperatorChanged): contract.OperatorView {
  return result.kind === 'changed' ? presentOperator(result.operator, deps.clock.now()) : refused(result.kind)
}

function refused(kind: 'not-found' | 'last-admin' | 'branch-not-found'): never {
  switch (kind) {
    case 'not-found':
      throw new HttpProblem('operator-not-found')
    case 'last-admin':
      throw new HttpProblem('last-admin')
    case 'branch-not-found':
      throw new HttpProblem('branch-not-found', { field: 'branchCode' })
  }
}

import { checkLog, deedPage } from '../../../flow/operator/log'
import {
  addOperator,
  changeOperator,
  type IssueResult,
  listOperators,
  resetPassword,
  unlockOperator,
} from '../../../flow/operator/operators'
import type { OperatorChanged } from '../../../flow/ports'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentAction, presentOperator } from '../../present/operator'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'

/** Who the operators are, and what they did. */
export function operatorRoutes(deps: HttpDeps): Route[] {
  return [...peopleRoutes(deps), ...logRoutes(deps)]
}

function peopleRoutes(deps: HttpDeps): Route[] {
  const path = '/admin/operators/:username'
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
      summary: 'Add an operator; the one-time password is shown here and never again',
      actor: 'operator',
      permission: 'operators',
      body: contract.operatorBody,
      status: 201,
      reply: contract.issuedPassword,
      problems: ['operator-exists', 'branch-not-found'],
      handle: async ({ actor, body }) => presentIssued(deps, await addOperator(deps, actor.username, body)),
    }),
    route({
      method: 'PATCH',
      path,
      summary: 'Change what an operator may, or disable it; its sessions end',
      actor: 'operator',
      permission: 'operators',
      params: contract.usernameParams,
      body: contract.operatorPatch,
      reply: contract.operatorView,
      problems: ['operator-not-found', 'last-admin', 'branch-not-found'],
      handle: async ({ actor, params, body }) =>
        presentChanged(deps, await changeOperator(deps, actor.username, params.username, body)),
    }),
    route({
      method: 'POST',
      path: `${path}/reset-password`,
      summary: 'Issue a one-time password to who has forgotten theirs; their sessions end',
      actor: 'operator',
      permission: 'operators',
      params: contract.usernameParams,
      reply: contract.issuedPassword,
      problems: ['operator-not-found', 'password-refused'],
      handle: async ({ actor, params }) =>
        presentIssued(deps, await resetPassword(deps, actor.username, params.username)),
    }),
    route({
      method: 'POST',
      path: `${path}/unlock`,
      summary: 'End the lock after wrong passwords before its time',
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
  ]
}

function presentIssued(deps: HttpDeps, result: IssueResult): contract.IssuedPassword {
  switch (result.kind) {
    case 'issued':
      return { operator: presentOperator(result.operator, deps.clock.now()), password: result.password }
    case 'exists':
      throw new HttpProblem('operator-exists', { field: 'username' })
    case 'single-sign-on':
      throw new HttpProblem('password-refused', { detail: 'the operator logs in by single sign-on' })
    default:
      return refused(result.kind)
  }
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

import {
  ACCESS_TTL_MS,
  changePassword,
  type LoginResult,
  logIn,
  logOut,
  type OpenedSession,
  redeemTicket,
  renewSession,
  whoIs,
} from '../../../flow/operator/login'
import { signOnOffered } from '../../../flow/operator/sign-on'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { iso } from '../../present/iso'
import { presentOperator } from '../../present/operator'
import { HttpProblem, type ProblemCode } from '../../problem'
import { type Route, route } from '../../route'
import { SIGN_ON_START } from './sign-on'

/** How an operator comes in, stays, and leaves. */
export function sessionRoutes(deps: HttpDeps): Route[] {
  const present = (session: OpenedSession) => presentSession(deps, session)
  return [
    route({
      method: 'GET',
      path: '/admin/session/ways',
      summary: 'How operators can log in',
      actor: 'anyone',
      reply: contract.loginWays,
      async handle() {
        const offered = signOnOffered(deps)
        return {
          password: true as const,
          singleSignOn: offered ? { name: offered.name, startUrl: SIGN_ON_START } : null,
        }
      },
    }),
    route({
      method: 'POST',
      path: '/admin/session',
      summary: 'Log in with a password',
      actor: 'anyone',
      body: contract.loginBody,
      reply: contract.operatorSession,
      problems: LOGIN_PROBLEMS,
      handle: async ({ body }) => present(opened(deps, await logIn(deps, body.username, body.password))),
    }),
    route({
      method: 'POST',
      path: '/admin/session/ticket',
      summary: 'Log in with the ticket that single sign-on brought',
      actor: 'anyone',
      body: contract.ticketBody,
      reply: contract.operatorSession,
      problems: ['login-refused'],
      handle: async ({ body }) => present(opened(deps, await redeemTicket(deps, body.ticket))),
    }),
    route({
      method: 'POST',
      path: '/admin/session/refresh',
      summary: 'Renew the session; the refresh token that is sent is spent',
      actor: 'anyone',
      body: contract.refreshBody,
      reply: contract.operatorSession,
      problems: ['login-refused'],
      async handle({ body }) {
        const session = await renewSession(deps, body.refreshToken)
        if (!session) throw new HttpProblem('login-refused', { field: 'refreshToken' })
        return present(session)
      },
    }),
    ...ownRoutes(deps, present),
  ]
}

/** What every operator may, even one who must change the password first. */
function ownRoutes(deps: HttpDeps, present: (session: OpenedSession) => contract.OperatorSession): Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/session',
      summary: 'Who is logged in',
      actor: 'operator',
      permission: null,
      reply: contract.operatorView,
      async handle({ actor }) {
        return presentOperator(await whoIs(deps, actor.username), deps.clock.now())
      },
    }),
    route({
      method: 'POST',
      path: '/admin/session/end',
      summary: 'Log out',
      actor: 'operator',
      permission: null,
      reply: contract.sessionEnded,
      async handle({ actor }) {
        await logOut(deps, actor.username, actor.sessionId)
        return { ended: true as const }
      },
    }),
    route({
      method: 'POST',
      path: '/admin/password',
      summary: 'Change the password: every session of the operator ends, and a new one begins',
      actor: 'operator',
      permission: null,
      body: contract.passwordBody,
      reply: contract.operatorSession,
      problems: [...LOGIN_PROBLEMS, 'password-refused'],
      async handle({ actor, body }) {
        const result = await changePassword(deps, actor.username, body.current, body.next)
        if (result.kind === 'unsuitable')
          throw new HttpProblem('password-refused', { field: 'next', detail: result.detail })
        // Not a 401: whoever is asked for the password again is still logged in.
        if (result.kind === 'refused') throw new HttpProblem('password-refused', { field: 'current' })
        return present(opened(deps, result))
      },
    }),
  ]
}

const LOGIN_PROBLEMS: ProblemCode[] = ['login-refused', 'login-locked', 'busy']

function opened(deps: HttpDeps, result: LoginResult): OpenedSession {
  switch (result.kind) {
    case 'session':
      return result.session
    case 'refused':
      throw new HttpProblem('login-refused')
    case 'locked':
      throw new HttpProblem('login-locked', { retryAfterS: Math.ceil((result.until - deps.clock.now()) / 1_000) })
    case 'busy':
      throw new HttpProblem('busy', { retryAfterS: 5 })
  }
}

function presentSession(deps: HttpDeps, session: OpenedSession): contract.OperatorSession {
  const { sessionId, operator, refreshToken, expiresAt } = session
  const now = deps.clock.now()
  return {
    ...deps.tokens.issue({ kind: 'operator', sessionId }, now, Math.min(ACCESS_TTL_MS, expiresAt - now)),
    refreshToken,
    refreshExpiresAt: iso(expiresAt),
    operator: presentOperator(operator, now),
  }
}

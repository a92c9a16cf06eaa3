import { changePassword, type LoginResult, logIn, redeemTicket } from '../../../flow/operator/login'
import {
  ACCESS_TTL_MS,
  logOut,
  type OpenedSession,
  type RenewedSession,
  renewSession,
  whoIs,
} from '../../../flow/operator/session'
import { signOnOffered } from '../../../flow/operator/sign-on'
import * as contract from '../../contract'
import { BROWSER_S, browserCookie, cookieLine, cookieName } from '../../cookie'
import type { HttpDeps } from '../../deps'
import { iso } from '../../present/iso'
import { presentOperator } from '../../present/operator'
import { HttpProblem, type ProblemCode } from '../../problem'
import { type ReplyHeaders, type Route, route } from '../../route'
import { SIGN_ON_START, ticketCookie } from './sign-on'

/** How an operator comes in, stays, and leaves. */
export function sessionRoutes(deps: HttpDeps): Route[] {
  const known = cookieName(browserCookie(deps))
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
      limit: 'operator-log-in',
      body: contract.loginBody,
      reply: contract.operatorSession,
      problems: LOGIN_PROBLEMS,
      async handle({ caller, body, cookie, reply }) {
        const visitor = { address: caller.address, browser: cookie(known) }
        return begun(deps, await logIn(deps, visitor, body.username, body.password), reply)
      },
    }),
    route({
      method: 'POST',
      path: '/admin/session/ticket',
      summary: 'Log in with the ticket that single sign-on brought',
      actor: 'anyone',
      limit: 'operator-session',
      body: contract.ticketBody,
      reply: contract.operatorSession,
      problems: ['login-refused'],
      async handle({ body, cookie, reply }) {
        const own = ticketCookie(signOnOffered(deps)?.secure ?? false)
        const result = await redeemTicket(deps, cookie(known), body.ticket, cookie(cookieName(own)))
        return begun(deps, result, reply, [cookieLine(own, '', 0)])
      },
    }),
    route({
      method: 'POST',
      path: '/admin/session/refresh',
      summary: 'Renew the session; the refresh token that is sent is spent',
      actor: 'anyone',
      limit: 'operator-session',
      body: contract.refreshBody,
      reply: contract.operatorSession,
      problems: ['login-refused'],
      async handle({ body }) {
        const session = await renewSession(deps, body.refreshToken)
        if (!session) throw new HttpProblem('login-refused', { field: 'refreshToken' })
        return presentSession(deps, session)
      },
    }),
    ...ownRoutes(deps),
  ]
}

/** What every operator may, even one who must change the password first. */
function ownRoutes(deps: HttpDeps): Route[] {
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
      limit: 'operator-log-in',
      permission: null,
      body: contract.passwordBody,
      reply: contract.operatorSession,
      problems: [...LOGIN_PROBLEMS, 'password-refused'],
      async handle({ actor, body, cookie, reply }) {
        const own = { username: actor.username, browser: cookie(cookieName(browserCookie(deps))) }
        const result = await changePassword(deps, own, body.current, body.next)
        if (result.kind === 'unsuitable')
          throw new HttpProblem('password-refused', { field: 'next', detail: result.detail })
        // Not a 401: whoever is asked for the password again is still logged in.
        if (result.kind === 'refused') throw new HttpProblem('password-refused', { field: 'current' })
        return begun(deps, result, reply)
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

/** A session, and what its browser is known by from now on. */
function begun(
  deps: HttpDeps,
  result: LoginResult,
  reply: (headers: ReplyHeaders) => void,
  cookies: string[] = [],
): contract.OperatorSession {
  const session = opened(deps, result)
  reply({ cookies: [...cookies, cookieLine(browserCookie(deps), session.browser, BROWSER_S)] })
  return presentSession(deps, session)
}

function presentSession(deps: HttpDeps, session: RenewedSession): contract.OperatorSession {
  const { sessionId, operator, refreshToken, expiresAt } = session
  const now = deps.clock.now()
  return {
    ...deps.tokens.issue({ kind: 'operator', sessionId }, now, Math.min(ACCESS_TTL_MS, expiresAt - now)),
    refreshToken,
    refreshExpiresAt: iso(expiresAt),
    operator: presentOperator(operator, now),
  }
}

import { changePassword, logIn, redeemTicket } from '../../../flow/operator/login'
import { passSecondFactor } from '../../../flow/operator/second-factor'
import { logOut, renewSession, whoIs } from '../../../flow/operator/session'
import { signOnOffered } from '../../../flow/operator/sign-on'
import * as contract from '../../contract'
import { browserCookie, cookieLine, cookieName } from '../../cookie'
import type { HttpDeps } from '../../deps'
import { presentOperator } from '../../present/operator'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'
import { begun, codeRefused, LOGIN_PROBLEMS, presentSession } from './entry'
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
      problems: ['login-refused', 'second-factor-required'],
      async handle({ body, cookie, reply }) {
        const own = ticketCookie(signOnOffered(deps)?.secure ?? false)
        const result = await redeemTicket(deps, cookie(known), body.ticket, cookie(cookieName(own)))
        return begun(deps, result, reply, [cookieLine(own, '', 0)])
      },
    }),
    secondStep(deps),
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
        const { username, sessionId } = actor
        const own = { username, sessionId, browser: cookie(cookieName(browserCookie(deps))) }
        const result = await changePassword(deps, own, body.current, body.next)
        if (result.kind === 'unsuitable')
          throw new HttpProblem('password-refused', { field: 'next', reason: result.fault })
        // Not a 401: whoever is asked for the password again is still logged in.
        if (result.kind === 'refused') throw new HttpProblem('password-refused', { field: 'current' })
        return begun(deps, result, reply)
      },
    }),
  ]
}

const secondStep = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/admin/session/second-factor',
    summary: 'The second step of a log-in: the code of the authenticator app, or one to recover with',
    actor: 'anyone',
    body: contract.secondStepBody,
    reply: contract.operatorSession,
    problems: ['login-refused', 'login-locked', 'code-refused'],
    async handle({ caller, body, cookie, reply }) {
      const visitor = { address: caller.address, browser: cookie(cookieName(browserCookie(deps))) }
      const result = await passSecondFactor(deps, visitor, body.ticket, body.code)
      return result.kind === 'code' ? codeRefused(result.fault) : begun(deps, result, reply)
    },
  })

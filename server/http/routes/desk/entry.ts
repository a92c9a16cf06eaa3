import { type CodeFault, type LoginResult, secondFactorDue } from '../../../flow/operator/second-factor'
import { ACCESS_TTL_MS, type OpenedSession, type RenewedSession } from '../../../flow/operator/session'
import type * as contract from '../../contract'
import { BROWSER_S, browserCookie, cookieLine } from '../../cookie'
import type { HttpDeps } from '../../deps'
import { iso } from '../../present/iso'
import { presentOperator } from '../../present/operator'
import { HttpProblem, type ProblemCode } from '../../problem'
import type { ReplyHeaders } from '../../route'

/** What every way in ends with: a session, or why there is none. */

export const LOGIN_PROBLEMS: ProblemCode[] = ['login-refused', 'login-locked', 'second-factor-required', 'busy']

/** A session, and what its browser is known by from now on. */
export function begun(
  deps: HttpDeps,
  result: LoginResult,
  reply: (headers: ReplyHeaders) => void,
  cookies: string[] = [],
): contract.OperatorSession {
  const session = opened(deps, result)
  reply({ cookies: [...cookies, cookieLine(browserCookie(deps), session.browser, BROWSER_S)] })
  return presentSession(deps, session)
}

function opened(deps: HttpDeps, result: LoginResult): OpenedSession {
  switch (result.kind) {
    case 'session':
      return result.session
    case 'second-factor':
      throw new HttpProblem('second-factor-required', { ticket: result.ticket })
    case 'refused':
      throw new HttpProblem('login-refused')
    case 'locked':
      return locked(deps, result.until)
    case 'busy':
      throw new HttpProblem('busy', { retryAfterS: 5 })
  }
}

export function locked(deps: HttpDeps, until: number): never {
  throw new HttpProblem('login-locked', { retryAfterS: Math.ceil((until - deps.clock.now()) / 1_000) })
}

/** Not a 401: whoever is asked for a code within a session is still logged in. */
export function codeRefused(fault: CodeFault): never {
  throw new HttpProblem('code-refused', { field: 'code', reason: fault })
}

export function presentSession(deps: HttpDeps, session: RenewedSession): contract.OperatorSession {
  const { sessionId, operator, refreshToken, expiresAt } = session
  const now = deps.clock.now()
  return {
    ...deps.tokens.issue({ kind: 'operator', sessionId }, now, Math.min(ACCESS_TTL_MS, expiresAt - now)),
    refreshToken,
    refreshExpiresAt: iso(expiresAt),
    secondFactorDue: secondFactorDue(deps, session),
    operator: presentOperator(operator, now),
  }
}

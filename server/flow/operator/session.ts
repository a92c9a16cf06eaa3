import { seal, unseal } from '../../domain/seal'
import type { Deed, OperatorRecord } from '../ports'
import { fresh, type LoginDeps, sha256 } from './guess'

/** Operators stay for a while, and leave. */

/** A stolen access token is of use no longer than this, and no longer than its session. */
export const ACCESS_TTL_MS = 10 * 60_000
/** A working day; then the password is asked for again. */
const SESSION_TTL_MS = 8 * 3_600_000

export interface RenewedSession {
  sessionId: string
  operator: OperatorRecord
  refreshToken: string
  /** when the session ends, however often it is renewed */
  expiresAt: number
  /** whether the second factor was passed */
  secondFactor: boolean
}

export interface OpenedSession extends RenewedSession {
  /** for the browser to keep: with it strangers' guesses don't lock it out */
  browser: string
}

/** How an operator came in, for the log. */
export type Way = 'password' | 'single-sign-on'

/**
 * A session for an operator who has proved to be it. Undefined: it was opened before, or the operator is disabled.
 */
export async function openSession(
  deps: LoginDeps,
  operator: OperatorRecord,
  entry: { way: Way; browser: string | undefined; sessionId: string; secondFactor: boolean },
): Promise<OpenedSession | undefined> {
  const { username } = operator
  const { way, browser, sessionId, secondFactor } = entry
  const now = deps.clock.now()
  const expiresAt = now + SESSION_TTL_MS
  const refreshToken = refreshTokenOf(deps, sessionId)
  const kept = fresh(deps.random)
  const device = { hash: sha256(kept), before: browser === undefined ? null : sha256(browser) }
  const opened = await deps.operators.openSession(
    { sessionId, username, refreshHash: sha256(refreshToken), now, expiresAt, device, secondFactor },
    { at: now, username, action: 'session.open', subject: `operator/${username}`, after: { way } },
  )
  return opened === 'opened' ? { sessionId, operator, refreshToken, expiresAt, secondFactor, browser: kept } : undefined
}

/** The next tokens of a session, against its last refresh token. Undefined: it has ended, or that token was spent before. */
export async function renewSession(deps: LoginDeps, refreshToken: string): Promise<RenewedSession | undefined> {
  const claims = unseal(deps.loginKey, 'refresh', refreshToken) as { sid: string } | undefined
  if (!claims) return undefined
  const sessionId = claims.sid
  const next = refreshTokenOf(deps, sessionId)
  const now = deps.clock.now()
  const renewed = await deps.operators.renewSession(sessionId, sha256(refreshToken), sha256(next), now)
  if (renewed.kind !== 'renewed') return undefined
  const operator = await deps.operators.operator(renewed.username)
  const { expiresAt, secondFactor } = renewed
  return operator && { sessionId, operator, refreshToken: next, expiresAt, secondFactor }
}

/** Whoever is logged in, as it is now. */
export async function whoIs({ operators }: LoginDeps, username: string): Promise<OperatorRecord> {
  const operator = await operators.operator(username)
  if (!operator) throw new Error(`the operator ${username} of a session vanished`)
  return operator
}

export async function logOut(deps: LoginDeps, username: string, sessionId: string): Promise<void> {
  const at = deps.clock.now()
  const deed: Deed = { at, username, action: 'session.end', subject: `operator/${username}` }
  await deps.operators.endSession(sessionId, at, deed)
}

/** It names its session, so that one spent long ago is known for what it is, too. */
function refreshTokenOf(deps: LoginDeps, sessionId: string): string {
  return seal(deps.loginKey, 'refresh', { sid: sessionId, n: fresh(deps.random) })
}

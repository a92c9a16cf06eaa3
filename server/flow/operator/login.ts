import { createHash } from 'node:crypto'
import { seal, unseal } from '../../domain/seal'
import type { Clock, Deed, OperatorRecord, Operators, Passwords, Random } from '../ports'

/** Operators come in, stay for a while, and leave. */

export interface LoginDeps {
  operators: Operators
  passwords: Passwords
  /** seals refresh tokens and tickets */
  loginKey: Uint8Array
  clock: Clock
  random: Random
}

/** Wrong passwords in a row, and how long it is locked then: 480 guesses a day at the most. */
const MAX_ATTEMPTS = 5
const LOCK_MS = 15 * 60_000
/** A stolen access token is of use no longer than this, and no longer than its session. */
export const ACCESS_TTL_MS = 10 * 60_000
/** A working day; then the password is asked for again. */
const SESSION_TTL_MS = 8 * 3_600_000
/** Long enough to follow a redirect. */
const TICKET_TTL_MS = 60_000

export interface OpenedSession {
  sessionId: string
  operator: OperatorRecord
  refreshToken: string
  /** when the session ends, however often it is renewed */
  expiresAt: number
}

export type LoginResult =
  | { kind: 'session'; session: OpenedSession }
  /** unknown, wrong or disabled: which, nobody is told */
  | { kind: 'refused' }
  | { kind: 'locked'; until: number }
  | { kind: 'busy' }

export async function logIn(deps: LoginDeps, username: string, password: string): Promise<LoginResult> {
  const operator = await deps.operators.operator(username)
  const proved = await prove(deps, username, operator, password)
  if (proved.kind !== 'proved') return proved
  return openSession(deps, proved.operator, { way: 'password' })
}

type Proved = Exclude<LoginResult, { kind: 'session' }> | { kind: 'proved'; operator: OperatorRecord }

/** Whether it is the operator's password, within the attempts there are. It takes as long for an operator that isn't there. */
async function prove(
  { operators, passwords, clock }: LoginDeps,
  username: string,
  operator: OperatorRecord | undefined,
  password: string,
): Promise<Proved> {
  if (passwords.crowded()) return { kind: 'busy' }
  const now = clock.now()
  const until = operator ? await operators.countAttempt(username, MAX_ATTEMPTS, now, now + LOCK_MS) : null
  if (until !== null) return { kind: 'locked', until }
  const usable = operator?.disabledAt === null ? operator : undefined
  const right = await passwords.matches(password, usable?.passwordHash ?? null)
  if (right && usable) return { kind: 'proved', operator: usable }
  // A name that is no operator's may be a password typed into the wrong field: it is written nowhere.
  if (operator) await operators.log({ at: now, username, action: 'session.refuse', subject: `operator/${username}` })
  return { kind: 'refused' }
}

/** A session for an operator who has proved to be it. `sessionId`: one that may be opened once, if it was chosen before. */
async function openSession(
  deps: LoginDeps,
  operator: OperatorRecord,
  { way, sessionId = fresh(deps.random) }: { way: 'password' | 'single-sign-on'; sessionId?: string },
): Promise<LoginResult> {
  const { username } = operator
  const now = deps.clock.now()
  const expiresAt = now + SESSION_TTL_MS
  const refreshToken = refreshTokenOf(deps, sessionId)
  const opened = await deps.operators.openSession(
    { sessionId, username, refreshHash: sha256(refreshToken), now, expiresAt },
    { at: now, username, action: 'session.open', subject: `operator/${username}`, after: { way } },
  )
  if (opened !== 'opened') return { kind: 'refused' }
  return { kind: 'session', session: { sessionId, operator, refreshToken, expiresAt } }
}

/** The next tokens of a session, against its last refresh token. Undefined: it has ended, or that token was spent before. */
export async function renewSession(deps: LoginDeps, refreshToken: string): Promise<OpenedSession | undefined> {
  const claims = unseal(deps.loginKey, 'refresh', refreshToken) as { sid: string } | undefined
  if (!claims) return undefined
  const sessionId = claims.sid
  const next = refreshTokenOf(deps, sessionId)
  const now = deps.clock.now()
  const renewed = await deps.operators.renewSession(sessionId, sha256(refreshToken), sha256(next), now)
  if (renewed.kind !== 'renewed') return undefined
  const operator = await deps.operators.operator(renewed.username)
  return operator && { sessionId, operator, refreshToken: next, expiresAt: renewed.expiresAt }
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

export type PasswordResult = LoginResult | { kind: 'unsuitable'; detail: string }

/** Ends every session of the operator and opens a new one. Wrong guesses of the current one count as those at the log-in. */
export async function changePassword(
  deps: LoginDeps,
  username: string,
  current: string,
  next: string,
): Promise<PasswordResult> {
  const proved = await prove(deps, username, await deps.operators.operator(username), current)
  if (proved.kind !== 'proved') return proved
  if (next === current) return { kind: 'unsuitable', detail: 'it must be another one' }
  if (next.toLowerCase().includes(username)) return { kind: 'unsuitable', detail: 'it must not hold the username' }
  const to = { passwordHash: await deps.passwords.hash(next), mustChangePassword: false }
  const deed: Deed = { at: deps.clock.now(), username, action: 'operator.password', subject: `operator/${username}` }
  const changed = await deps.operators.change(username, to, () => deed)
  if (changed.kind !== 'changed') return { kind: 'refused' }
  return openSession(deps, changed.operator, { way: 'password' })
}

/** After the identity provider said who it is: what the browser exchanges for a session, once. Undefined: not one of ours. */
export async function ticketFor(deps: LoginDeps, subject: string): Promise<string | undefined> {
  const operator = await deps.operators.operatorBySubject(subject)
  if (!operator || operator.disabledAt !== null) return undefined
  const exp = deps.clock.now() + TICKET_TTL_MS
  return seal(deps.loginKey, 'ticket', { username: operator.username, sid: fresh(deps.random), exp })
}

/** The ticket names the session that it opens, and no session is opened twice. */
export async function redeemTicket(deps: LoginDeps, ticket: string): Promise<LoginResult> {
  const claims = unseal(deps.loginKey, 'ticket', ticket) as { username: string; sid: string; exp: number } | undefined
  if (!claims || claims.exp <= deps.clock.now()) return { kind: 'refused' }
  const operator = await deps.operators.operator(claims.username)
  if (!operator) return { kind: 'refused' }
  return openSession(deps, operator, { way: 'single-sign-on', sessionId: claims.sid })
}

/** It names its session, so that one spent long ago is known for what it is, too. */
function refreshTokenOf(deps: LoginDeps, sessionId: string): string {
  return seal(deps.loginKey, 'refresh', { sid: sessionId, n: fresh(deps.random) })
}

/** 128 bits: not to be guessed. */
function fresh(random: Random): string {
  return Buffer.from(random(16)).toString('base64url')
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

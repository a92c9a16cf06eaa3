import { MOST_ALONE } from '../../domain/attempts'
import { seal, unseal } from '../../domain/seal'
import type { Deed, OperatorRecord } from '../ports'
import { countGuess, forgetGuesses, fresh, type Line, type LoginDeps, lineOf, sha256, type Visitor } from './guess'
import { type OpenedSession, openSession } from './session'

/** Operators come in. */

/** Long enough to follow a redirect. */
export const TICKET_TTL_MS = 60_000

export type LoginResult =
  | { kind: 'session'; session: OpenedSession }
  /** unknown, wrong or disabled: which, nobody is told */
  | { kind: 'refused' }
  | { kind: 'locked'; until: number }
  | { kind: 'busy' }

export async function logIn(
  deps: LoginDeps,
  visitor: Visitor,
  username: string,
  password: string,
): Promise<LoginResult> {
  const proved = await prove(deps, await lineOf(deps, username, visitor), password)
  if (proved.kind !== 'proved') return proved
  return opened(await openSession(deps, proved.operator, { way: 'password', browser: visitor.browser }))
}

type Proved = Exclude<LoginResult, { kind: 'session' }> | { kind: 'proved'; operator: OperatorRecord }

/** Whether it is the operator's password, within the attempts there are. It is the same, and takes as long, for a name that is nobody's. */
async function prove(deps: LoginDeps, line: Line, password: string): Promise<Proved> {
  const { operators, passwords, clock } = deps
  const username = line.name
  const proved = await passwords.inTurn(line, async (): Promise<Proved> => {
    const until = await countGuess(deps, line)
    if (until !== null) return { kind: 'locked', until }
    const operator = await operators.operator(username)
    const usable = operator?.disabledAt === null ? operator : undefined
    const right = await passwords.matches(password, usable?.passwordHash ?? null)
    if (right && usable) {
      await forgetGuesses(deps, line)
      return { kind: 'proved', operator: usable }
    }
    const deed: Deed = { at: clock.now(), username, action: 'session.refuse', subject: `operator/${username}` }
    if (operator) await operators.log(deed)
    return { kind: 'refused' }
  })
  return proved ?? { kind: 'busy' }
}

const opened = (session: OpenedSession | undefined): LoginResult =>
  session ? { kind: 'session', session } : { kind: 'refused' }

export type PasswordResult = LoginResult | { kind: 'unsuitable'; detail: string }

/**
 * Ends every session of the operator and opens a new one; every other browser of theirs is a stranger's then. Wrong guesses of the
 * current one are counted for whoever is logged in, and lock nobody else.
 */
export async function changePassword(
  deps: LoginDeps,
  { username, browser }: { username: string; browser: string | undefined },
  current: string,
  next: string,
): Promise<PasswordResult> {
  const proved = await prove(deps, ownLine(username), current)
  if (proved.kind !== 'proved') return proved
  if (next === current) return { kind: 'unsuitable', detail: 'it must be another one' }
  if (next.toLowerCase().includes(username)) return { kind: 'unsuitable', detail: 'it must not hold the username' }
  const to = { passwordHash: await deps.passwords.hash(next), mustChangePassword: false }
  const deed: Deed = { at: deps.clock.now(), username, action: 'operator.password', subject: `operator/${username}` }
  const changed = await deps.operators.change(username, to, () => deed)
  if (changed.kind !== 'changed') return { kind: 'refused' }
  return opened(await openSession(deps, changed.operator, { way: 'password', browser }))
}

/** Of who is logged in already. */
function ownLine(username: string): Line {
  const place = `own/${username}`
  return { place, name: username, known: true, counted: username, places: [{ place: 'own', limit: MOST_ALONE }] }
}

export interface Ticket {
  ticket: string
  /** what the browser must bring beside it, and nothing but the browser that the provider sent back is given */
  secret: string
}

/** After the identity provider said who it is: what the browser exchanges for a session, once. Undefined: not one of ours. */
export async function ticketFor(deps: LoginDeps, subject: string): Promise<Ticket | undefined> {
  const operator = await deps.operators.operatorBySubject(subject)
  if (!operator || operator.disabledAt !== null) return undefined
  const exp = deps.clock.now() + TICKET_TTL_MS
  const secret = fresh(deps.random)
  const claims: TicketClaims = { username: operator.username, sid: fresh(deps.random), with: sha256(secret), exp }
  return { ticket: seal(deps.loginKey, 'ticket', claims), secret }
}

interface TicketClaims {
  username: string
  /** the session that it opens: none is opened twice */
  sid: string
  /** hash of the browser's secret */
  with: string
  exp: number
}

/** `secret`: of the browser that brings it. A ticket that was taken from another one's address opens nothing. */
export async function redeemTicket(
  deps: LoginDeps,
  browser: string | undefined,
  ticket: string,
  secret: string | undefined,
): Promise<LoginResult> {
  const claims = unseal(deps.loginKey, 'ticket', ticket) as TicketClaims | undefined
  if (!claims || claims.exp <= deps.clock.now() || sha256(secret ?? '') !== claims.with) return { kind: 'refused' }
  const operator = await deps.operators.operator(claims.username)
  if (!operator) return { kind: 'refused' }
  return opened(await openSession(deps, operator, { way: 'single-sign-on', browser, sessionId: claims.sid }))
}

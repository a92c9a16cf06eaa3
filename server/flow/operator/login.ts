import { MOST_ALONE } from '../../domain/attempts'
import { seal, unseal } from '../../domain/seal'
import type { OperatorRecord, PasswordFault, SignedOn } from '../ports'
import { countGuess, forgetGuesses, fresh, type Line, type LoginDeps, lineOf, sha256, type Visitor } from './guess'
import { admit, deedOf, type FactorDeps, type LoginResult } from './second-factor'

/** Operators come in. */

/** Long enough to follow a redirect. */
export const TICKET_TTL_MS = 60_000

export async function logIn(
  deps: FactorDeps,
  visitor: Visitor,
  username: string,
  password: string,
): Promise<LoginResult> {
  const proved = await prove(deps, await lineOf(deps, username, visitor), password)
  if (proved.kind !== 'proved') return proved
  return admit(deps, proved.operator, { way: 'password', passed: false, browser: visitor.browser })
}

type Proved = Exclude<LoginResult, { kind: 'session' | 'second-factor' }> | { kind: 'proved'; operator: OperatorRecord }

/** Whether it is the operator's password, within the attempts there are. It is the same, and takes as long, for a name that is nobody's. */
async function prove(deps: FactorDeps, line: Line, password: string): Promise<Proved> {
  const { operators, passwords } = deps
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
    if (operator) await operators.log(deedOf(deps, username, 'session.refuse'))
    return { kind: 'refused' }
  })
  return proved ?? { kind: 'busy' }
}

export type PasswordResult = LoginResult | { kind: 'unsuitable'; fault: PasswordFault | 'same' }

/**
 * Ends every session of the operator and opens a new one; every other browser of theirs is a stranger's then. Wrong guesses of the
 * current one are counted for whoever is logged in, and lock nobody else.
 */
export async function changePassword(
  deps: FactorDeps,
  { username, sessionId, browser }: { username: string; sessionId: string; browser: string | undefined },
  current: string,
  next: string,
): Promise<PasswordResult> {
  // What was passed before stays passed; a session without it has none, or it would have been asked for.
  const passed = (await deps.operators.session(sessionId, deps.clock.now()))?.secondFactor ?? false
  const proved = await prove(deps, ownLine(username), current)
  if (proved.kind !== 'proved') return proved
  if (next === current) return { kind: 'unsuitable', fault: 'same' }
  const fault = next.toLowerCase().includes(username) ? 'personal' : await weakness(deps, proved.operator, next)
  if (fault) return { kind: 'unsuitable', fault }
  const to = { passwordHash: await deps.passwords.hash(next), mustChangePassword: false }
  const changed = await deps.operators.change(username, to, () => deedOf(deps, username, 'operator.password'))
  if (changed.kind !== 'changed') return { kind: 'refused' }
  return admit(deps, changed.operator, { way: 'password', passed, browser })
}

/** Why somebody who knows the operator and the house would guess it soon, or null. */
function weakness(deps: FactorDeps, { username, name }: OperatorRecord, password: string) {
  const { bankName } = deps
  const words = [
    username,
    ...username.split(/[^a-z]+/),
    username.replace(/[^a-z]+/g, ''),
    name,
    bankName,
    bankName.replace(/(银行|股份|有限|公司)+$/, ''),
  ]
  return deps.passwordRules.fault(
    password,
    words.filter((one) => one !== ''),
    username,
  )
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
export async function ticketFor(
  deps: LoginDeps,
  { subject, secondFactor: passed }: SignedOn,
): Promise<Ticket | undefined> {
  const operator = await deps.operators.operatorBySubject(subject)
  if (!operator || operator.disabledAt !== null) return undefined
  const exp = deps.clock.now() + TICKET_TTL_MS
  const secret = fresh(deps.random)
  const claims: TicketClaims = {
    username: operator.username,
    sid: fresh(deps.random),
    with: sha256(secret),
    passed,
    exp,
  }
  return { ticket: seal(deps.loginKey, 'ticket', claims), secret }
}

interface TicketClaims {
  username: string
  /** the session that it opens: none is opened twice */
  sid: string
  /** hash of the browser's secret */
  with: string
  /** whether the provider asked for a second factor */
  passed: boolean
  exp: number
}

/** `secret`: of the browser that brings it. A ticket that was taken from another one's address opens nothing. */
export async function redeemTicket(
  deps: FactorDeps,
  browser: string | undefined,
  ticket: string,
  secret: string | undefined,
): Promise<LoginResult> {
  const claims = unseal(deps.loginKey, 'ticket', ticket) as TicketClaims | undefined
  if (!claims || claims.exp <= deps.clock.now() || sha256(secret ?? '') !== claims.with) return { kind: 'refused' }
  const operator = await deps.operators.operator(claims.username)
  if (!operator) return { kind: 'refused' }
  const { sid: sessionId, passed } = claims
  return admit(deps, operator, { way: 'single-sign-on', passed, browser, sessionId })
}

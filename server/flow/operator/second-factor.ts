import { disclose, enclose } from '../../domain/enclose'
import { keysFor, type MasterKeys } from '../../domain/key-ring'
import { needsSecondFactor, type Operator } from '../../domain/operator'
import { seal, unseal } from '../../domain/seal'
import { checkCode, typedCode } from '../../domain/totp'
import type { Deed, OperatorRecord, PasswordRules, SealedSecret } from '../ports'
import { countGuess, forgetGuesses, fresh, type Line, type LoginDeps, lineOf, sha256, type Visitor } from './guess'
import { isLetters } from './letters'
import { type OpenedSession, openSession, type Way } from './session'

export interface FactorDeps extends LoginDeps {
  passwordRules: PasswordRules
  bankName: string
  secondFactor: {
    /** whoever approves can do nothing without it */
    required: boolean
    masters: MasterKeys
    /** what the app shows beside the name */
    issuer: string
  }
}

/** To take the telephone out and unlock it. */
const TICKET_TTL_MS = 5 * 60_000

export type LoginResult =
  | { kind: 'session'; session: OpenedSession }
  /** the code of the second factor is asked for, with this ticket, within so long */
  | { kind: 'second-factor'; ticket: string; expiresAt: number }
  /** unknown, wrong or disabled: which, nobody is told */
  | { kind: 'refused' }
  | { kind: 'locked'; until: number }
  | { kind: 'busy' }

/** How far an operator has come: `passed` the second factor, or has yet to show it. */
export interface Entry {
  way: Way
  passed: boolean
  browser: string | undefined
  sessionId?: string
}

interface TicketClaims {
  username: string
  /** the session that it opens: none is opened twice */
  sid: string
  way: Way
  /** of the password that was shown: another one meanwhile, and it opens nothing */
  of: string
  exp: number
}

/** Opens the session, or asks for the code first where the operator has a second factor. */
export async function admit(deps: FactorDeps, operator: OperatorRecord, entry: Entry): Promise<LoginResult> {
  const { username } = operator
  const { way, passed, browser, sessionId = fresh(deps.random) } = entry
  const asked = !passed && (await deps.operators.secondFactor(username)) !== undefined
  if (!asked) {
    const session = await openSession(deps, operator, { way, browser, sessionId, secondFactor: passed })
    return session ? { kind: 'session', session } : { kind: 'refused' }
  }
  const expiresAt = deps.clock.now() + TICKET_TTL_MS
  const claims: TicketClaims = { username, sid: sessionId, way, of: passwordOf(operator), exp: expiresAt }
  return { kind: 'second-factor', ticket: seal(deps.loginKey, 'second factor', claims), expiresAt }
}

/**
 * Why a code isn't taken. `late`: it is one of before, of a telephone whose clock is slow. `malformed` wasn't counted as a guess. `lost`: the secret
 * is under a key that is none of ours any more (MASTER_KEYS_PREVIOUS), so no app's code can be checked; one to recover with still can.
 */
export type CodeFault = 'wrong' | 'used' | 'late' | 'malformed' | 'lost'

export type SecondStepResult = Exclude<LoginResult, { kind: 'second-factor' }> | { kind: 'code'; fault: CodeFault }

/** The second step of a log-in. `refused`: the ticket is none, expired, used, or the operator has changed since. */
export async function passSecondFactor(
  deps: FactorDeps,
  visitor: Visitor,
  ticket: string,
  code: string,
): Promise<SecondStepResult> {
  const claims = unseal(deps.loginKey, 'second factor', ticket) as TicketClaims | undefined
  if (!claims || claims.exp <= deps.clock.now()) return { kind: 'refused' }
  const { username, sid: sessionId, way } = claims
  const operator = await deps.operators.operator(username)
  if (!operator || operator.disabledAt !== null || passwordOf(operator) !== claims.of) return { kind: 'refused' }
  const shown = await showCode(deps, ofCodes(await lineOf(deps, username, visitor)), code)
  if (shown.kind !== 'right') return shown
  return (await admit(deps, operator, { way, passed: true, browser: visitor.browser, sessionId })) as SecondStepResult
}

type Shown = { kind: 'right' } | { kind: 'locked'; until: number } | { kind: 'code'; fault: CodeFault }

/** Whether it is a code of the operator's app, or one to recover with, within the attempts there are. Each is good once. */
export async function showCode(deps: FactorDeps, line: Line, typed: string): Promise<Shown> {
  const username = line.name
  const code = typedCode(typed)
  if (!/^\d{6}$/.test(code) && !isLetters(code)) return { kind: 'code', fault: 'malformed' }
  const until = await countGuess(deps, line)
  if (until !== null) return { kind: 'locked', until }
  const fault = isLetters(code) ? await recover(deps, username, code) : await checkApp(deps, username, code)
  if (fault === null) {
    await forgetGuesses(deps, line)
    return { kind: 'right' }
  }
  const after = { step: 'second-factor', ...(fault === 'lost' && { why: 'key-dropped' }) }
  await deps.operators.log({ ...deedOf(deps, username, 'session.refuse'), after })
  return { kind: 'code', fault }
}

async function checkApp(deps: FactorDeps, username: string, code: string): Promise<CodeFault | null> {
  const factor = await deps.operators.secondFactor(username)
  if (!factor) return 'wrong'
  const secret = openSecret(deps, username, factor.secret)
  if (secret === undefined) return 'lost'
  const checked = checkCode(Buffer.from(secret, 'base64url'), code, deps.clock.now(), factor.lastStep)
  if (checked.kind !== 'right') return checked.kind
  const current = factor.secret.keyId === deps.secondFactor.masters.current.id
  const resealed = current ? null : sealSecret(deps, username, secret)
  return (await deps.operators.spendStep(username, checked.step, resealed)) ? null : 'used'
}

async function recover(deps: FactorDeps, username: string, code: string): Promise<CodeFault | null> {
  const deed = deedOf(deps, username, 'operator.recovery-code')
  return (await deps.operators.spendRecoveryCode(username, sha256(code), deed)) ? null : 'wrong'
}

/** Guesses at codes are counted apart from those at the password. */
export function ofCodes(line: Line): Line {
  return { ...line, places: line.places.map(({ place, limit }) => ({ place: `code/${place}`, limit })) }
}

/** Whether whoever holds the session may do nothing yet: they approve, and haven't shown a second factor. */
export function secondFactorDue(
  { secondFactor: { required } }: Pick<FactorDeps, 'secondFactor'>,
  { operator, secondFactor }: { operator: Pick<Operator, 'roles'>; secondFactor: boolean },
): boolean {
  return required && !secondFactor && needsSecondFactor(operator)
}

/** Encrypted for this operator alone: moved to another's row it doesn't open. */
export function sealSecret({ secondFactor, random }: FactorDeps, username: string, secret: string): SealedSecret {
  const { id: keyId, key } = keysFor('second factor', secondFactor.masters).current
  return { sealed: enclose(key, username, secret, random(12)), keyId }
}

/** Undefined when it was encrypted under a key that is none of ours any more. */
function openSecret({ secondFactor }: FactorDeps, username: string, { sealed, keyId }: SealedSecret) {
  const key = keysFor('second factor', secondFactor.masters).byId(keyId)
  return key && disclose(key, username, sealed)
}

export function deedOf({ clock }: LoginDeps, username: string, action: string): Deed {
  return { at: clock.now(), username, action, subject: `operator/${username}` }
}

const passwordOf = ({ passwordHash }: OperatorRecord) => sha256(passwordHash ?? '').slice(0, 22)

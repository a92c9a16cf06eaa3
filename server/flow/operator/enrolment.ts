import { MOST_ALONE } from '../../domain/attempts'
import { disclose, enclose } from '../../domain/enclose'
import { keysFor } from '../../domain/key-ring'
import { isAdministrator } from '../../domain/operator'
import { base32, checkCode, enrolmentUri, SECRET_BYTES, typedCode } from '../../domain/totp'
import { type LoginDeps, sha256 } from './guess'
import { letters } from './letters'
import { type CodeFault, deedOf, type FactorDeps, sealSecret, showCode } from './second-factor'

/** How an operator comes to a second factor, and how it is taken from one who lost it. */

/** To find the telephone and install an app. */
const TICKET_TTL_MS = 15 * 60_000
/** Enough for years, and they fit on a slip of paper. */
const RECOVERY_CODES = 10

/** Who is logged in, and by which session. */
export interface Own {
  username: string
  sessionId: string
}

export interface Enrolment {
  /** base32, as it is typed by who can't take the picture */
  secret: string
  uri: string
  /** the secret, sealed for this session */
  ticket: string
  expiresAt: number
}

type Refusal = { kind: 'locked'; until: number } | { kind: 'code'; fault: CodeFault }

/** A new secret. Nothing is kept before its first code was shown; who has a second factor shows a code of it first. */
export async function beginEnrolment(
  deps: FactorDeps,
  own: Own,
  code: string | undefined,
): Promise<Refusal | ({ kind: 'begun' } & Enrolment)> {
  const { username, sessionId } = own
  if (await deps.operators.secondFactor(username)) {
    if (code === undefined) return { kind: 'code', fault: 'malformed' }
    const places = [{ place: 'code/own', limit: MOST_ALONE }]
    const line = { place: `own/${username}`, name: username, known: true, counted: username, places }
    const shown = await showCode(deps, line, code)
    if (shown.kind !== 'right') return shown
  }
  const bytes = deps.random(SECRET_BYTES)
  const expiresAt = deps.clock.now() + TICKET_TTL_MS
  const claims: Claims = { secret: Buffer.from(bytes).toString('base64url'), exp: expiresAt }
  const { key } = keysFor('enrolment', deps.secondFactor.masters).current
  const ticket = enclose(key, `${username}|${sessionId}`, JSON.stringify(claims), deps.random(12))
  const secret = base32(bytes)
  const uri = enrolmentUri(secret, username, deps.secondFactor.issuer)
  return { kind: 'begun', secret, uri, ticket, expiresAt }
}

interface Claims {
  secret: string
  exp: number
}

/** The first code of it: from now on it is asked for. The codes to recover with are told here and never again. */
export async function confirmEnrolment(
  deps: FactorDeps,
  own: Own,
  ticket: string,
  code: string,
): Promise<{ kind: 'enrolled'; recoveryCodes: string[] } | { kind: 'code'; fault: CodeFault } | { kind: 'refused' }> {
  const { username, sessionId } = own
  const { key } = keysFor('enrolment', deps.secondFactor.masters).current
  const text = disclose(key, `${username}|${sessionId}`, ticket)
  const claims = text === undefined ? undefined : (JSON.parse(text) as Claims)
  const now = deps.clock.now()
  if (!claims || claims.exp <= now) return { kind: 'refused' }
  const checked = checkCode(Buffer.from(claims.secret, 'base64url'), typedCode(code), now, 0)
  if (checked.kind !== 'right') return { kind: 'code', fault: checked.kind }
  const recoveryCodes = Array.from({ length: RECOVERY_CODES }, () => letters(deps.random))
  const codeHashes = recoveryCodes.map((one) => sha256(typedCode(one)))
  const secret = sealSecret(deps, username, claims.secret)
  const deed = deedOf(deps, username, 'operator.second-factor')
  await deps.operators.enrol(username, { secret, step: checked.step, codeHashes, sessionId }, deed)
  return { kind: 'enrolled', recoveryCodes }
}

/** Whether there is one, and how many codes to recover with are left. */
export async function secondFactorOf({ operators }: FactorDeps, username: string) {
  const factor = await operators.secondFactor(username)
  return factor ? { since: factor.since, recoveryCodesLeft: factor.recoveryCodesLeft } : null
}

/** By the command line: an administrator's, where no two others are left who could ask and approve. False: there is none, or they are disabled. */
export async function dropSecondFactor({ operators, clock }: LoginDeps, username: string): Promise<boolean> {
  const operator = await operators.operator(username)
  if (!operator || !isAdministrator(operator) || operator.disabledAt !== null) return false
  const deed = {
    at: clock.now(),
    username: 'system',
    action: 'operator.drop-second-factor',
    subject: `operator/${username}`,
  }
  return operators.dropSecondFactor(username, deed)
}

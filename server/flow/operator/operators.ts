import type { Operator, Role } from '../../domain/operator'
import type { OperatorChange, OperatorChanged, OperatorRecord } from '../ports'
import type { LoginDeps } from './guess'

/** An administrator lets people in, changes what they may, and shuts them out. */

export interface NewOperator extends Operator {
  oidcSubject: string | null
}

export type IssueResult =
  /** `password` null: they log in by single sign-on */
  | { kind: 'issued'; operator: OperatorRecord; password: string | null }
  | { kind: 'exists' | 'branch-not-found' | 'not-found' | 'last-admin' | 'single-sign-on' }

/** By username. */
export function listOperators({ operators }: Pick<LoginDeps, 'operators'>): Promise<OperatorRecord[]> {
  return operators.list()
}

/** Whether there is anybody who can let others in: an administrator with a password, or single sign-on and a subject of it. */
export async function anybodyIn({ operators }: Pick<LoginDeps, 'operators'>, singleSignOn: boolean): Promise<boolean> {
  const canLogIn = ({ passwordHash, oidcSubject }: OperatorRecord) => passwordHash || (singleSignOn && oidcSubject)
  const all = await operators.list()
  return all.some((one) => one.disabledAt === null && one.roles.includes('admin') && canLogIn(one))
}

/** `by`: the administrator's username, or `system`. The password is to be changed at the first log-in. */
export async function addOperator(deps: LoginDeps, by: string, given: NewOperator): Promise<IssueResult> {
  const at = deps.clock.now()
  const password = given.oidcSubject === null ? oneTimePassword(deps) : null
  const operator: OperatorRecord = {
    username: given.username,
    name: given.name,
    roles: rolesOf(given.roles),
    branchCode: given.branchCode,
    oidcSubject: given.oidcSubject,
    passwordHash: password && (await deps.passwords.hash(password)),
    mustChangePassword: password !== null,
    disabledAt: null,
    lockedUntil: null,
    createdAt: at,
    lastLoginAt: null,
  }
  const subject = `operator/${given.username}`
  const added = await deps.operators.add(operator, {
    at,
    username: by,
    action: 'operator.add',
    subject,
    after: seen(operator),
  })
  return added === 'added' ? { kind: 'issued', operator, password } : { kind: added }
}

export async function changeOperator(
  deps: LoginDeps,
  by: string,
  username: string,
  to: { name?: string; roles?: Role[]; branchCode?: string | null; disabled?: boolean },
): Promise<OperatorChanged> {
  const { disabled, roles, ...rest } = to
  const at = deps.clock.now()
  const disabledAt = disabled === undefined ? undefined : disabled ? at : null
  return change(deps, by, username, 'operator.change', { ...rest, roles: roles && rolesOf(roles), disabledAt })
}

/** Ends locks before their time; `not-found` when there is no such operator. */
export function unlockOperator(deps: LoginDeps, by: string, username: string): Promise<OperatorChanged> {
  const at = deps.clock.now()
  return deps.operators.unlock(username, {
    at,
    username: by,
    action: 'operator.unlock',
    subject: `operator/${username}`,
  })
}

/** A new one-time password for who has forgotten theirs; it ends their sessions and their locks, and no browser is known any more. */
export async function resetPassword(deps: LoginDeps, by: string, username: string): Promise<IssueResult> {
  const operator = await deps.operators.operator(username)
  if (operator?.oidcSubject) return { kind: 'single-sign-on' }
  const password = oneTimePassword(deps)
  const passwordHash = await deps.passwords.hash(password)
  const to = { passwordHash, mustChangePassword: true }
  const result = await change(deps, by, username, 'operator.reset-password', to)
  return result.kind === 'changed' ? { ...result, kind: 'issued', password } : result
}

function change(
  deps: LoginDeps,
  by: string,
  username: string,
  action: string,
  to: OperatorChange,
): Promise<OperatorChanged> {
  const at = deps.clock.now()
  const subject = `operator/${username}`
  const given = Object.fromEntries(Object.entries(to).filter(([, value]) => value !== undefined)) as OperatorChange
  return deps.operators.change(username, given, (before) => {
    const after = seen({ ...before, ...given })
    return { at, username: by, action, subject, before: seen(before), after }
  })
}

/** What the log keeps of an operator for ever: what they may, and neither name nor hash. */
function seen({ roles, branchCode, disabledAt, oidcSubject }: OperatorRecord) {
  return { roles, branchCode, disabled: disabledAt !== null, singleSignOn: oidcSubject !== null }
}

/** Each once. */
function rolesOf(roles: readonly Role[]): Role[] {
  return [...new Set(roles)]
}

/** No letters that look like another one, small only; 32 of them, so that each is 5 bits of a byte without bias. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789'

/** 16 letters in fours, 80 bits: read out over the telephone, used once. */
function oneTimePassword({ random }: LoginDeps): string {
  const letters = Array.from(random(16), (byte) => LETTERS[byte % LETTERS.length])
  return letters.join('').replace(/.{4}(?=.)/g, '$&-')
}

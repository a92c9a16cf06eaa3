import { isAdministrator, type Operator, type Role, rolesFault } from '../../domain/operator'
import { type AskResult, askForChange, type ChangeDeps, logRefusal } from '../change/ask'
import type { OperatorChange, OperatorChanged, OperatorRecord } from '../ports'
import type { LoginDeps } from './guess'
import { letters } from './letters'

/** An administrator lets people in, changes what they may, and shuts them out. */

export interface NewOperator extends Operator {
  oidcSubject: string | null
}

export type IssueResult =
  /** `password` null: they log in by single sign-on */
  | { kind: 'issued'; operator: OperatorRecord; password: string | null }
  | {
      kind:
        | 'exists'
        | 'branch-not-found'
        | 'not-found'
        | 'last-admin'
        | 'single-sign-on'
        | 'not-administrator'
        | 'disabled'
    }

/** By username. */
export function listOperators({ operators }: Pick<LoginDeps, 'operators'>): Promise<OperatorRecord[]> {
  return operators.list()
}

/** How many could let others in now: administrators with a password, or single sign-on and a subject of it. */
export async function administratorsIn(
  { operators }: Pick<LoginDeps, 'operators'>,
  singleSignOn: boolean,
): Promise<number> {
  const canLogIn = ({ passwordHash, oidcSubject }: OperatorRecord) => passwordHash || (singleSignOn && oidcSubject)
  const all = await operators.list()
  return all.filter((one) => one.disabledAt === null && isAdministrator(one) && canLogIn(one)).length
}

/** Each change takes one who asks and one who approves. */
export const ADMINISTRATORS_NEEDED = 2

/**
 * The first administrators of a house, who then let the others in by asking each other. `enough`: there are two.
 * The password is to be changed at the first log-in.
 */
export async function addFirst(
  deps: LoginDeps,
  given: Omit<NewOperator, 'roles' | 'branchCode'>,
): Promise<IssueResult | { kind: 'enough' }> {
  if ((await administratorsIn(deps, true)) >= ADMINISTRATORS_NEEDED) return { kind: 'enough' }
  const at = deps.clock.now()
  const password = given.oidcSubject === null ? letters(deps.random) : null
  const operator: OperatorRecord = {
    ...given,
    roles: ['admin'],
    branchCode: null,
    passwordHash: password && (await deps.passwords.hash(password)),
    mustChangePassword: password !== null,
    disabledAt: null,
    lockedUntil: null,
    secondFactorSince: null,
    createdAt: at,
    lastLoginAt: null,
  }
  const subject = `operator/${given.username}`
  const deed = { at, username: 'system', action: 'operator.add', subject, after: seen(operator) }
  const added = await deps.operators.add(operator, deed)
  return added === 'added' ? { kind: 'issued', operator, password } : { kind: added }
}

export type OperatorDeps = LoginDeps & ChangeDeps

/** Asks for a new operator. The one-time password is told in halves: to whoever asks, and to whoever approves. */
export async function askForOperator(
  deps: OperatorDeps,
  by: Operator,
  { username, note, ...given }: NewOperator & { note: string | null },
): Promise<AskResult> {
  const about = { kind: 'operator.add', subject: `operator/${username}` } as const
  const fault = rolesFault(given.roles)
  if (fault) return logRefusal(deps, by, { ...about, verb: 'ask' }, fault)
  const after = { ...given, roles: rolesOf(given.roles) }
  return askForChange(deps, by, {
    ...about,
    branchCode: null,
    after,
    note,
    withoutSecret: given.oidcSubject !== null,
  })
}

export interface OperatorEdit {
  name?: string | undefined
  roles?: Role[] | undefined
  branchCode?: string | null | undefined
  disabled?: boolean | undefined
  note?: string | undefined
}

/**
 * Shuts out and renames at once; whatever somebody may from now on that they could not is asked for, and another administrator
 * approves it.
 */
export async function changeOperator(
  deps: OperatorDeps,
  by: Operator,
  username: string,
  { name, roles, branchCode, disabled, note }: OperatorEdit,
): Promise<{ changed: OperatorChanged; asked: AskResult | null }> {
  const subject = `operator/${username}`
  const at = deps.clock.now()
  const now = { ...(name !== undefined && { name }), ...(disabled === true && { disabledAt: at }) }
  const changed = await change(deps, by.username, username, 'operator.change', now)
  const after = {
    ...(roles && { roles: rolesOf(roles) }),
    ...(branchCode !== undefined && { branchCode }),
    ...(disabled === false && { disabled }),
  }
  if (changed.kind !== 'changed' || Object.keys(after).length === 0) return { changed, asked: null }
  const about = { kind: 'operator.change', subject } as const
  const fault = roles && rolesFault(roles)
  if (fault) return { changed, asked: await logRefusal(deps, by, { ...about, verb: 'ask' }, fault) }
  return { changed, asked: await askForChange(deps, by, { ...about, branchCode: null, after, note: note ?? null }) }
}

/** Asks for a one-time password for who has forgotten theirs. */
export async function askForPassword(
  deps: OperatorDeps,
  by: Operator,
  username: string,
  note: string | null,
): Promise<AskResult | { kind: 'not-found' } | { kind: 'single-sign-on' }> {
  const operator = await deps.operators.operator(username)
  if (!operator) return { kind: 'not-found' }
  if (operator.oidcSubject) return { kind: 'single-sign-on' }
  const about = { kind: 'operator.password', subject: `operator/${username}` } as const
  return askForChange(deps, by, { ...about, branchCode: null, after: { oneTimePassword: true }, note })
}

/** Ends locks of the password before their time, and none of codes; `not-found` when there is no such operator. */
export function unlockOperator(deps: LoginDeps, by: string, username: string): Promise<OperatorChanged> {
  const at = deps.clock.now()
  return deps.operators.unlock(username, {
    at,
    username: by,
    action: 'operator.unlock',
    subject: `operator/${username}`,
  })
}

/**
 * A new one-time password for an administrator, from the command line: where none is left who could ask or approve. It ends their
 * sessions and their locks but those of codes, and no browser is known any more.
 */
export async function resetAdministrator(deps: LoginDeps, username: string): Promise<IssueResult> {
  const operator = await deps.operators.operator(username)
  if (operator?.oidcSubject) return { kind: 'single-sign-on' }
  if (operator && !isAdministrator(operator)) return { kind: 'not-administrator' }
  // It would open nothing: two administrators let them in again.
  if (operator && operator.disabledAt !== null) return { kind: 'disabled' }
  const password = letters(deps.random)
  const passwordHash = await deps.passwords.hash(password)
  const to = { passwordHash, mustChangePassword: true }
  const result = await change(deps, 'system', username, 'operator.reset-password', to)
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

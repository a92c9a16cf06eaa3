import type { LoggedDeed, OperatorRecord } from '../../flow/ports'
import type { ActionView, OperatorView } from '../contract'

/** What the console is told of operators and of what they did; never a hash. */

const iso = (at: number) => new Date(at).toISOString()

export function presentOperator(operator: OperatorRecord, now: number): OperatorView {
  return {
    username: operator.username,
    name: operator.name,
    roles: operator.roles,
    branchCode: operator.branchCode,
    disabled: operator.disabledAt !== null,
    locked: operator.lockedUntil !== null && operator.lockedUntil > now,
    mustChangePassword: operator.mustChangePassword,
    singleSignOn: operator.oidcSubject !== null,
    createdAt: iso(operator.createdAt),
    lastLoginAt: operator.lastLoginAt === null ? null : iso(operator.lastLoginAt),
  }
}

export function presentAction({ actionId, at, username, action, subject, before, after, mac }: LoggedDeed): ActionView {
  return { actionId, at: iso(at), username, action, subject, before, after, mac }
}

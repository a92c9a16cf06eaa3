import type { DaySeal, LoggedDeed, OperatorRecord } from '../../flow/ports'
import type { ActionView, OperatorView, SealList } from '../contract'
import { iso, isoOrNull } from './iso'

/** What the console is told of operators and of what they did; never a hash. */

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
    secondFactor: operator.secondFactorSince !== null,
    createdAt: iso(operator.createdAt),
    lastLoginAt: isoOrNull(operator.lastLoginAt),
  }
}

export function presentAction({ actionId, at, username, action, subject, before, after, mac }: LoggedDeed): ActionView {
  return { actionId, at: iso(at), username, action, subject, before, after, mac }
}

export function presentSeal({ date, link, at, mac }: DaySeal): SealList['items'][number] {
  return { date, link, at: iso(at), mac }
}

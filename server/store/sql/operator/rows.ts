import type { Operator } from '../../../domain/operator'
import type { OperatorChange, OperatorRecord } from '../../../flow/ports'
import type { OperatorRow } from '../tables-admin'

export function columnsOf(to: OperatorChange): Partial<OperatorRow> {
  const { name, roles, branchCode, passwordHash, mustChangePassword, disabledAt } = to
  const all = {
    name,
    roles,
    branch_code: branchCode,
    password_hash: passwordHash,
    must_change_password: mustChangePassword,
    disabled_at: disabledAt,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

export function rowOf(one: OperatorRecord): OperatorRow {
  return {
    username: one.username,
    name: one.name,
    roles: one.roles,
    branch_code: one.branchCode,
    password_hash: one.passwordHash,
    must_change_password: one.mustChangePassword,
    oidc_subject: one.oidcSubject,
    disabled_at: one.disabledAt,
    created_at: one.createdAt,
    last_login_at: one.lastLoginAt,
  }
}

/** With the lock on strangers' log-ins by its name, and its second factor. */
export type PersonRow = OperatorRow & { locked_until: number | null; factor_since: number | null }

export function operatorOf(row: PersonRow): OperatorRecord {
  return {
    ...actorOf(row),
    passwordHash: row.password_hash,
    mustChangePassword: row.must_change_password,
    oidcSubject: row.oidc_subject,
    disabledAt: row.disabled_at,
    lockedUntil: row.locked_until,
    secondFactorSince: row.factor_since,
    createdAt: row.created_at,
    lastLoginAt: row.last_login_at,
  }
}

/** What every request needs to know of who is calling. */
export function actorOf(row: Pick<OperatorRow, 'username' | 'name' | 'roles' | 'branch_code'>): Operator {
  return { username: row.username, name: row.name, roles: row.roles, branchCode: row.branch_code }
}

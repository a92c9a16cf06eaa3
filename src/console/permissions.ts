import type { OperatorView, Role } from '@contract'

/**
 * Which roles may ask for what: names only, mirrored from server/domain/operator.ts so that the console offers nobody a key
 * that will be refused. The server decides; a test holds both tables together.
 */
export const PERMISSIONS = {
  look: ['viewer', 'maker', 'checker', 'auditor', 'admin'],
  draft: ['maker'],
  brake: ['maker', 'checker'],
  brakeAll: ['maker', 'checker'],
  request: ['maker'],
  review: ['checker'],
  merchants: ['maker'],
  reconcile: ['maker', 'checker'],
  books: ['maker', 'checker', 'auditor'],
  resolve: ['checker'],
  suspicions: ['maker', 'checker', 'auditor'],
  log: ['auditor', 'admin'],
  operators: ['admin'],
} as const satisfies Record<string, readonly Role[]>
export type Permission = keyof typeof PERMISSIONS

/** What can't be cut to one branch. */
export const WHOLE_BANK: readonly Permission[] = [
  'brakeAll',
  'reconcile',
  'books',
  'resolve',
  'suspicions',
  'log',
  'operators',
]

/** What {@link may} asks of an operator. */
export type Rights = Pick<OperatorView, 'roles' | 'branchCode'>

/** Whoever lets people in neither makes nor checks. */
const APART: readonly Role[] = ['maker', 'checker']

/** The roles that count: of an administrator who has both, the others don't. */
function rolesThatCount({ roles }: Rights): readonly Role[] {
  return roles.includes('admin') ? roles.filter((role) => !APART.includes(role)) : roles
}

/** True when the server would let the operator ask for it. */
export function may(operator: Rights, permission: Permission): boolean {
  const roles: readonly Role[] = PERMISSIONS[permission]
  if (operator.branchCode !== null && WHOLE_BANK.includes(permission)) return false
  return rolesThatCount(operator).some((role) => roles.includes(role))
}

/** True when what belongs to `branchCode` (null: the whole bank) is the operator's to change. */
export function mayChange(operator: Rights, branchCode: string | null): boolean {
  return operator.branchCode === null || operator.branchCode === branchCode
}

/**
 * What an operator may do. Least privilege: administering people and running campaigns are different jobs, and so are making
 * and checking (经办/复核).
 */
export const ROLES = ['viewer', 'maker', 'checker', 'auditor', 'admin'] as const
export type Role = (typeof ROLES)[number]

export interface Operator {
  username: string
  name: string
  roles: Role[]
  /** the only branch whose campaigns, merchants and orders the operator sees; null is the whole bank */
  branchCode: string | null
}

/** Every verb an operator can ask for, and who may. One total map: the authorization matrix test walks it. */
export const PERMISSIONS = {
  /** campaigns, merchants, decks without what is still to come, reports, orders, refunds */
  look: ['viewer', 'maker', 'checker', 'auditor', 'admin'],
  draft: ['maker'],
  /** stop discounts at once: a campaign's, a merchant's */
  brake: ['maker', 'checker'],
  /** stop all of them; ask for them to go on */
  brakeAll: ['maker', 'checker'],
  /** ask for launch, resume, end, amendment */
  request: ['maker'],
  review: ['checker'],
  /** add merchants, issue binding codes, unbind */
  merchants: ['maker'],
  reconcile: ['maker', 'checker'],
  /** see reconciliations and differences */
  books: ['maker', 'checker', 'auditor'],
  /** accept or reject the correction proposed for a difference */
  resolve: ['checker'],
  /** what the nightly scoring found (可疑交易), with its evidence */
  suspicions: ['maker', 'checker', 'auditor'],
  /** the log of what operators did */
  log: ['auditor', 'admin'],
  operators: ['admin'],
} as const satisfies Record<string, readonly Role[]>
export type Permission = keyof typeof PERMISSIONS

/** Whoever lets people in neither makes nor checks: one person would be as many as they like. */
const APART: readonly Role[] = ['maker', 'checker']

/** What can't be given to one person. */
export function rolesFault(roles: readonly Role[]): 'roles-apart' | null {
  return roles.includes('admin') && roles.some((role) => APART.includes(role)) ? 'roles-apart' : null
}

/** The roles that count: of an administrator who was given both before that was refused, the others don't. */
export function rolesThatCount({ roles }: Pick<Operator, 'roles'>): readonly Role[] {
  return roles.includes('admin') ? roles.filter((role) => !APART.includes(role)) : roles
}

/** One of a single branch can't let anyone in. */
export function isAdministrator({ roles, branchCode }: Pick<Operator, 'roles' | 'branchCode'>): boolean {
  return roles.includes('admin') && branchCode === null
}

/** What concerns the whole bank and can't be cut to one branch. */
export const WHOLE_BANK: readonly Permission[] = [
  'brakeAll',
  'reconcile',
  'books',
  'resolve',
  'suspicions',
  'log',
  'operators',
]

/** Why the operator may not, or null. */
export function refuses(operator: Operator, permission: Permission): 'role-refused' | 'branch-refused' | null {
  const roles: readonly Role[] = PERMISSIONS[permission]
  if (!rolesThatCount(operator).some((role) => roles.includes(role))) return 'role-refused'
  if (operator.branchCode !== null && WHOLE_BANK.includes(permission)) return 'branch-refused'
  return null
}

/** Whoever approves what others ask for, or says who may, shows a second factor. Anyone may have one. */
export function needsSecondFactor({ roles }: Pick<Operator, 'roles'>): boolean {
  return roles.includes('checker') || roles.includes('admin')
}

/** True when what belongs to `branchCode` (null: the whole bank) is the operator's to change. */
export function mayChange(operator: Operator, branchCode: string | null): boolean {
  return operator.branchCode === null || operator.branchCode === branchCode
}

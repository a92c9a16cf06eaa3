import type { Role } from '../domain/operator'
import type { OperatorRecord, Operators, Passwords } from '../flow/ports'

/** The sandbox's four operators, one of each trade; their names are their roles. */
const PEOPLE: readonly [Role, string][] = [
  ['maker', '王工'],
  ['checker', '李工'],
  ['auditor', '赵工'],
  ['admin', '陈工'],
]

/** Makes them at the first start, and gives all of them the password of this one. Never in production (config.ts). */
export async function seedOperators(
  { operators, passwords }: { operators: Operators; passwords: Passwords },
  password: string,
  now: number,
): Promise<void> {
  const known = new Map((await operators.list()).map((one) => [one.username, one]))
  const hash = await hashOf(passwords, password, known)
  for (const [role, name] of PEOPLE) {
    const deed = { at: now, username: 'system', action: 'operator.seed', subject: `operator/${role}` }
    const before = known.get(role)
    if (!before) await operators.add(person(role, name, hash, now), deed)
    else if (before.passwordHash !== hash) await operators.change(role, { passwordHash: hash }, () => deed)
  }
}

/** One hash for all four: in the sandbox they are one person. While it is the same password, their sessions go on. */
async function hashOf(passwords: Passwords, password: string, known: Map<string, OperatorRecord>): Promise<string> {
  const before = known.get(PEOPLE[0]![0])?.passwordHash
  if (before && (await passwords.matches(password, before))) return before
  return passwords.hash(password)
}

function person(role: Role, name: string, passwordHash: string, now: number): OperatorRecord {
  return {
    username: role,
    name,
    roles: [role],
    branchCode: null,
    passwordHash,
    mustChangePassword: false,
    oidcSubject: null,
    disabledAt: null,
    lockedUntil: null,
    createdAt: now,
    lastLoginAt: null,
  }
}

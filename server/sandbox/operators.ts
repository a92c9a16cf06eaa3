import type { Role } from '../domain/operator'
import type { OperatorRecord, Operators, Passwords } from '../flow/ports'

/** The sandbox's operators: two of each trade that needs another's word, and an auditor. */
const PEOPLE: readonly { username: string; role: Role; name: string }[] = [
  { username: 'maker', role: 'maker', name: '王工' },
  { username: 'checker', role: 'checker', name: '李工' },
  { username: 'auditor', role: 'auditor', name: '赵工' },
  { username: 'admin', role: 'admin', name: '陈工' },
  { username: 'maker2', role: 'maker', name: '周工' },
  { username: 'checker2', role: 'checker', name: '吴工' },
  { username: 'admin2', role: 'admin', name: '郑工' },
]

/** Makes them at the first start, and gives all of them the password of this one. Never in production (config.ts). */
export async function seedOperators(
  { operators, passwords }: { operators: Operators; passwords: Passwords },
  password: string,
  now: number,
): Promise<void> {
  const known = new Map((await operators.list()).map((one) => [one.username, one]))
  const hash = await hashOf(passwords, password, known)
  for (const one of PEOPLE) {
    const { username } = one
    const deed = { at: now, username: 'system', action: 'operator.seed', subject: `operator/${username}` }
    const before = known.get(username)
    if (!before) await operators.add(person(one, hash, now), deed)
    else if (before.passwordHash !== hash) await operators.change(username, { passwordHash: hash }, () => deed)
  }
}

/** One hash for all: in the sandbox they are one person. While it is the same password, their sessions go on. */
async function hashOf(passwords: Passwords, password: string, known: Map<string, OperatorRecord>): Promise<string> {
  const before = known.get(PEOPLE[0]!.username)?.passwordHash
  if (before && (await passwords.matches(password, before))) return before
  return passwords.hash(password)
}

function person({ username, role, name }: (typeof PEOPLE)[number], passwordHash: string, now: number): OperatorRecord {
  return {
    username,
    name,
    roles: [role],
    branchCode: null,
    passwordHash,
    mustChangePassword: false,
    oidcSubject: null,
    disabledAt: null,
    lockedUntil: null,
    secondFactorSince: null,
    createdAt: now,
    lastLoginAt: null,
  }
}

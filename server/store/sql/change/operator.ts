import type { Role } from '../../../domain/operator'
import { lastAdmin, lockPeople, writeOperator } from '../operator/write'
import type { Kind, Tx } from './kind'

/** Who may act: let in, changed, or given a new password. */

const nameOf = (subject: string) => subject.slice('operator/'.length)

interface Added {
  name: string
  roles: Role[]
  branchCode: string | null
  oidcSubject: string | null
}

/** What may change; what is left out stays. Shutting out isn't asked for. */
interface Changed {
  roles?: Role[]
  branchCode?: string | null
  disabled?: false
}

/** `passwordHash`: of the one-time password; none of one who logs in by single sign-on. */
type Effect = { passwordHash: string } | undefined

export const operatorAdd: Kind = {
  async check(tx, { subject, after }) {
    const { branchCode, oidcSubject } = after as Added
    const people = await lockPeople(tx)
    if (people.some((one) => one.username === nameOf(subject))) return { code: 'operator-exists', field: 'username' }
    if (oidcSubject !== null && people.some((one) => one.oidc_subject === oidcSubject))
      return { code: 'operator-exists', field: 'oidcSubject' }
    return branchFault(tx, branchCode)
  },
  async apply(tx, { subject, after }, at, effect) {
    const { name, roles, branchCode, oidcSubject } = after as Added
    const passwordHash = (effect as Effect)?.passwordHash ?? null
    await tx
      .insertInto('operators')
      .values({
        username: nameOf(subject),
        name,
        roles,
        branch_code: branchCode,
        password_hash: passwordHash,
        must_change_password: passwordHash !== null,
        oidc_subject: oidcSubject,
        disabled_at: null,
        created_at: at,
        last_login_at: null,
      })
      .execute()
  },
}

export const operatorChange: Kind = {
  async check(tx, { subject, after }) {
    const { disabled: _, ...to } = after as Changed
    const people = await lockPeople(tx)
    if (!people.some((one) => one.username === nameOf(subject))) return { code: 'subject-missing', field: 'username' }
    if (lastAdmin(people, nameOf(subject), to)) return { code: 'last-admin' }
    return branchFault(tx, to.branchCode ?? null)
  },
  async standing(tx, { subject }) {
    const one = (await lockPeople(tx)).find(({ username }) => username === nameOf(subject))
    return one && { roles: one.roles, branchCode: one.branch_code, disabled: one.disabled_at !== null }
  },
  async apply(tx, { subject, after }, at) {
    const { disabled, ...to } = after as Changed
    await writeOperator(tx, nameOf(subject), { ...to, ...(disabled === false && { disabledAt: null }) }, at)
  },
}

export const operatorPassword: Kind = {
  async check(tx, { subject }) {
    const one = (await lockPeople(tx)).find(({ username }) => username === nameOf(subject))
    return one?.oidc_subject === null ? null : { code: 'subject-missing', field: 'username' }
  },
  async apply(tx, { subject }, at, effect) {
    const { passwordHash } = effect as { passwordHash: string }
    await writeOperator(tx, nameOf(subject), { passwordHash, mustChangePassword: true }, at)
  },
}

async function branchFault(tx: Tx, branchCode: string | null) {
  if (branchCode === null) return null
  const branch = tx.selectFrom('branches').select('name').where('branch_code', '=', branchCode)
  return (await branch.executeTakeFirst()) ? null : ({ code: 'branch-not-found', field: 'branchCode' } as const)
}

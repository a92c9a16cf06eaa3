import { sql as raw } from 'kysely'
import { branchIn, isMerchantsAccount, queueWrites, writeBranch } from '../merchant/branches'
import type { Kind } from './kind'

/** `branch/B03` → `B03` */
const codeOf = (subject: string) => subject.slice('branch/'.length)
type Said = { name?: string; glAccount?: string }

/** A new branch, with the account that pays its merchants' subsidy. */
export const branchAdd: Kind = {
  async check(tx, { subject, after }) {
    await queueWrites(tx)
    const code = codeOf(subject)
    const like = await tx
      .selectFrom('branches')
      .select('branch_code')
      .where(raw<string>`lower(branch_code)`, '=', code.toLowerCase())
      .executeTakeFirst()
    if (like) return { code: like.branch_code === code ? 'branch-exists' : 'branch-alike', field: 'code' }
    const { glAccount } = after as { glAccount: string }
    return (await isMerchantsAccount(tx, glAccount)) ? { code: 'account-taken', field: 'glAccount' } : null
  },
  async apply(tx, { subject, after }) {
    const { name, glAccount } = after as { name: string; glAccount: string }
    await tx
      .insertInto('branches')
      .values({ branch_code: codeOf(subject), name, gl_account: glAccount })
      .execute()
  },
}

/**
 * Another GL account. Decks dealt from then on, and orders without a card, are paid from it; decks and orders that are there, their
 * refunds and their postings keep theirs.
 */
export const branchChange: Kind = {
  async check(tx, { subject, after }) {
    await queueWrites(tx)
    if (!(await branchIn(tx, codeOf(subject)))) return { code: 'branch-not-found', field: 'code' }
    const { glAccount } = after as Said
    if (glAccount === undefined || !(await isMerchantsAccount(tx, glAccount))) return null
    return { code: 'account-taken', field: 'glAccount' }
  },
  async standing(tx, { subject, after }) {
    const was = await branchIn(tx, codeOf(subject))
    const { name } = after as Said
    return was && { ...(name !== undefined && { name: was.name }), glAccount: was.glAccount }
  },
  apply: (tx, { subject, after }) => writeBranch(tx, codeOf(subject), after as Said),
}

import { sql as raw, type Transaction } from 'kysely'
import type { BookedBranch, BranchRefusal, MerchantBook } from '../../../flow/ports'
import type { DeedLog } from '../deed/log'
import type { Sql } from '../open-sql'
import { orRefused, Refused } from '../refused'
import type { Tables } from '../tables'

type Tx = Transaction<Tables>
type Refusing = { kind: BranchRefusal }

/** Branches and imports of merchants queue for each other: what one of them looked at can't be changed by another meanwhile. */
export const queueWrites = (tx: Tx) => raw`lock table merchants in share row exclusive mode`.execute(tx)

export async function addBranch(
  sql: Sql,
  deeds: DeedLog,
  ...[branch, deed]: Parameters<MerchantBook['addBranch']>
): Promise<BookedBranch | BranchRefusal> {
  const { branchCode, name, glAccount } = branch
  const added = sql.transaction(async (tx) => {
    await queueWrites(tx)
    const like = await tx
      .selectFrom('branches')
      .select('branch_code')
      .where(raw<string>`lower(branch_code)`, '=', branchCode.toLowerCase())
      .executeTakeFirst()
    if (like) throw new Refused<Refusing>({ kind: like.branch_code === branchCode ? 'branch-exists' : 'branch-alike' })
    await refuseMerchantsAccount(tx, glAccount)
    await tx.insertInto('branches').values({ branch_code: branchCode, name, gl_account: glAccount }).execute()
    await deeds.write(tx, deed)
    return { ...branch, revision: 1, merchantCount: 0 }
  })
  return written(added)
}

export async function correctBranch(
  sql: Sql,
  deeds: DeedLog,
  { branchCode, revision, change, deed }: Parameters<MerchantBook['correctBranch']>[0],
): Promise<BookedBranch | BranchRefusal> {
  const corrected = sql.transaction(async (tx) => {
    await queueWrites(tx)
    const was = await tx
      .selectFrom('branches')
      .select(['name', 'gl_account as glAccount', 'revision'])
      .where('branch_code', '=', branchCode)
      .executeTakeFirst()
    if (!was) throw new Refused<Refusing>({ kind: 'branch-not-found' })
    if (revision !== undefined && was.revision !== revision) throw new Refused<Refusing>({ kind: 'revision-changed' })
    const merchantCount = await countOf(tx, branchCode)
    const { name = was.name, glAccount = was.glAccount } = change
    if (name === was.name && glAccount === was.glAccount) return { branchCode, ...was, merchantCount }
    if (glAccount !== was.glAccount) await refuseMerchantsAccount(tx, glAccount)
    await tx
      .updateTable('branches')
      .set({ name, gl_account: glAccount, revision: was.revision + 1 })
      .where('branch_code', '=', branchCode)
      .execute()
    const before = { name: was.name, glAccount: was.glAccount }
    await deeds.write(tx, { ...deed, before, after: { name, glAccount } })
    return { branchCode, name, glAccount, revision: was.revision + 1, merchantCount }
  })
  return written(corrected)
}

/** No channel books an account on both sides of one clearing. */
async function refuseMerchantsAccount(tx: Tx, glAccount: string): Promise<void> {
  const taken = await tx.selectFrom('merchants').select('name').where('account', '=', glAccount).executeTakeFirst()
  if (taken) throw new Refused<Refusing>({ kind: 'account-taken' })
}

async function countOf(tx: Tx, branchCode: string): Promise<number> {
  const { count } = await tx
    .selectFrom('merchants')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('branch_code', '=', branchCode)
    .executeTakeFirstOrThrow()
  return count
}

async function written(transaction: Promise<BookedBranch>): Promise<BookedBranch | BranchRefusal> {
  const result = await orRefused<BookedBranch, Refusing>(transaction)
  return 'kind' in result ? result.kind : result
}

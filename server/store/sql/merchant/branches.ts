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

/** What its GL account isn't part of: the name, at once. */
export async function renameBranch(
  sql: Sql,
  deeds: DeedLog,
  { branchCode, revision, name, deed }: Parameters<MerchantBook['renameBranch']>[0],
): Promise<BookedBranch | BranchRefusal> {
  const renamed = sql.transaction(async (tx) => {
    await queueWrites(tx)
    const was = await branchIn(tx, branchCode)
    if (!was) throw new Refused<Refusing>({ kind: 'branch-not-found' })
    if (revision !== undefined && was.revision !== revision) throw new Refused<Refusing>({ kind: 'revision-changed' })
    const merchantCount = await countOf(tx, branchCode)
    if (name === was.name) return { branchCode, ...was, merchantCount }
    await writeBranch(tx, branchCode, { name })
    await deeds.write(tx, { ...deed, before: { name: was.name }, after: { name } })
    return { branchCode, ...was, name, revision: was.revision + 1, merchantCount }
  })
  const result = await orRefused<BookedBranch, Refusing>(renamed)
  return 'kind' in result ? result.kind : result
}

export const branchIn = (tx: Tx, branchCode: string) =>
  tx
    .selectFrom('branches')
    .select(['name', 'gl_account as glAccount', 'revision'])
    .where('branch_code', '=', branchCode)
    .executeTakeFirst()

export async function writeBranch(
  tx: Tx,
  branchCode: string,
  { name, glAccount }: { name?: string | undefined; glAccount?: string | undefined },
): Promise<void> {
  const set = { ...(name !== undefined && { name }), ...(glAccount !== undefined && { gl_account: glAccount }) }
  await tx
    .updateTable('branches')
    .set({ ...set, revision: raw<number>`revision + 1` })
    .where('branch_code', '=', branchCode)
    .execute()
}

/** No channel books an account on both sides of one clearing. */
export async function isMerchantsAccount(tx: Tx, glAccount: string): Promise<boolean> {
  const taken = tx.selectFrom('merchants').select('name').where('account', '=', glAccount)
  return (await taken.executeTakeFirst()) !== undefined
}

async function countOf(tx: Tx, branchCode: string): Promise<number> {
  const { count } = await tx
    .selectFrom('merchants')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('branch_code', '=', branchCode)
    .executeTakeFirstOrThrow()
  return count
}

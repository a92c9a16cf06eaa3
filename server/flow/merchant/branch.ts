import type { Operator } from '../../domain/operator'
import { type AskResult, askForChange, type ChangeDeps } from '../change/ask'
import type { BookedBranch, Branch, BranchRefusal, Channel, MerchantBook } from '../ports'
import { isBookable } from './account'

/**
 * Branches and the GL accounts that pay their merchants' subsidy. They are the whole bank's: one who sees a single branch changes none.
 * A new one, and another account, take a second operator (I12); a name is changed at once.
 */

export interface BranchDeps extends ChangeDeps {
  desk: { merchantBook: MerchantBook }
  channels: ReadonlyMap<string, Channel>
}

export type BranchResult =
  | { kind: 'written'; branch: BookedBranch }
  | AskResult
  | { kind: 'refused'; code: BranchRefusal | 'branch-refused' | 'account-malformed' }

export async function askForBranch(
  deps: BranchDeps,
  operator: Operator,
  { branchCode, note, ...after }: Omit<Branch, 'revision'> & { note: string | null },
): Promise<BranchResult> {
  if (!isBookable(deps.channels, after.glAccount)) return { kind: 'refused', code: 'account-malformed' }
  const subject = `branch/${branchCode}`
  return askForChange(deps, operator, { kind: 'branch.add', subject, branchCode: null, after, note })
}

export interface BranchCorrection {
  branchCode: string
  /** undefined: whatever it is now */
  revision: number | undefined
  /** what is left out stays */
  change: { name?: string | undefined; glAccount?: string | undefined; note?: string | undefined }
}

/** Corrects a name, or asks for another GL account, as they were at `revision`. */
export async function correctBranch(
  deps: BranchDeps,
  operator: Operator,
  { branchCode, revision, change }: BranchCorrection,
): Promise<BranchResult> {
  const { note = null, ...to } = change
  const was = (await deps.desk.merchantBook.branches(operator)).find((one) => one.branchCode === branchCode)
  const moves = to.glAccount !== undefined && to.glAccount !== was?.glAccount
  if (moves) {
    if (!isBookable(deps.channels, to.glAccount!)) return { kind: 'refused', code: 'account-malformed' }
    if (was && revision !== undefined && was.revision !== revision) return { kind: 'refused', code: 'revision-changed' }
    const subject = `branch/${branchCode}`
    return askForChange(deps, operator, { kind: 'branch.change', subject, branchCode: null, after: to, note })
  }
  if (operator.branchCode !== null) return { kind: 'refused', code: 'branch-refused' }
  const deed = {
    at: deps.clock.now(),
    username: operator.username,
    action: 'branch.rename',
    subject: `branch/${branchCode}`,
  }
  const name = to.name ?? was?.name ?? ''
  const renamed = await deps.desk.merchantBook.renameBranch({ branchCode, revision, name, deed })
  return typeof renamed === 'string' ? { kind: 'refused', code: renamed } : { kind: 'written', branch: renamed }
}

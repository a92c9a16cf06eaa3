import type { Operator } from '../../domain/operator'
import type { BookedBranch, Branch, BranchChange, BranchRefusal, Channel, Clock, Deed, MerchantBook } from '../ports'
import { isBookable } from './account'

/** Branches and the GL accounts that pay their merchants' subsidy. They are the whole bank's: one who sees a single branch changes none. */

export interface BranchDeps {
  desk: { merchantBook: MerchantBook }
  channels: ReadonlyMap<string, Channel>
  clock: Clock
}

export type BranchResult =
  | { kind: 'written'; branch: BookedBranch }
  | { kind: 'refused'; code: BranchRefusal | 'branch-refused' | 'account-malformed' }

export async function addBranch(
  deps: BranchDeps,
  operator: Operator,
  branch: Omit<Branch, 'revision'>,
): Promise<BranchResult> {
  const { branchCode, name, glAccount } = branch
  const refused = refusal(deps, operator, glAccount)
  if (refused) return refused
  const deed = deedOf(deps, operator, branchCode, { action: 'branch.add', after: { name, glAccount } })
  return result(await deps.desk.merchantBook.addBranch(branch, deed))
}

/**
 * Corrects a name or a GL account as they were at `revision`. Decks dealt from then on, and orders without a card, are paid from the
 * new account; decks and orders that are there, their refunds and their postings keep theirs.
 *
 * It takes effect on one person's word, and where money comes from should not (I12). A review comes in between here: what was
 * asked for is `revision` and `change`, and approving it is the rest.
 */
export async function correctBranch(
  deps: BranchDeps,
  operator: Operator,
  { branchCode, revision, change }: { branchCode: string; revision: number | undefined; change: BranchChange },
): Promise<BranchResult> {
  const refused = refusal(deps, operator, change.glAccount)
  if (refused) return refused
  const deed = deedOf(deps, operator, branchCode, { action: 'branch.correct', after: change })
  return result(await deps.desk.merchantBook.correctBranch({ branchCode, revision, change, deed }))
}

function refusal(deps: BranchDeps, operator: Operator, glAccount: string | undefined): BranchResult | undefined {
  if (operator.branchCode !== null) return { kind: 'refused', code: 'branch-refused' }
  if (glAccount !== undefined && !isBookable(deps.channels, glAccount))
    return { kind: 'refused', code: 'account-malformed' }
  return undefined
}

function deedOf(
  { clock }: BranchDeps,
  { username }: Operator,
  branchCode: string,
  what: Pick<Deed, 'action' | 'after'>,
): Deed {
  return { at: clock.now(), username, subject: `branch/${branchCode}`, ...what }
}

const result = (written: BookedBranch | BranchRefusal): BranchResult =>
  typeof written === 'string' ? { kind: 'refused', code: written } : { kind: 'written', branch: written }

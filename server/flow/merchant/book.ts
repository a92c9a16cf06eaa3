import { businessDate } from '../../domain/business-date'
import type { Operator } from '../../domain/operator'
import { type Page, pageOf } from '../../domain/page'
import type { BookedMerchant, Branch, Clock, Desk } from '../ports'

/** Merchants and branches, as operators see and keep them. One of a single branch finds nothing in another, whatever they ask for. */

export interface BookDeps {
  desk: Pick<Desk, 'merchantBook'>
  clock: Clock
}

const PAGE = 50

/** The merchant with the campaign that applies today, if the operator may see it; another branch's is none. */
export function merchantSeen(
  deps: BookDeps,
  operator: Operator,
  merchantCode: string,
): Promise<BookedMerchant | undefined> {
  const date = businessDate(deps.clock.now())
  return deps.desk.merchantBook.merchant(merchantCode, date, operator.branchCode)
}

/** Merchants by code; the cursor is the code of a page's last. */
export async function merchantPage(
  deps: BookDeps,
  operator: Operator,
  query: { branchCode?: string | undefined; q?: string | undefined; cursor?: string | undefined },
): Promise<Page<BookedMerchant>> {
  const { branchCode, q, cursor } = query
  if (branchCode && operator.branchCode && branchCode !== operator.branchCode) return { items: [] }
  const found = await deps.desk.merchantBook.list({
    branchCode: branchCode ?? operator.branchCode,
    q: q || undefined,
    date: businessDate(deps.clock.now()),
    after: cursor,
    limit: PAGE + 1,
  })
  return pageOf(found, PAGE, (last) => last.merchantCode)
}

export function branchesSeen(deps: BookDeps, operator: Operator): Promise<(Branch & { merchantCount: number })[]> {
  return deps.desk.merchantBook.branches(operator)
}

/** `branch-refused`: one of a single branch makes no other. */
export async function addBranch(
  deps: BookDeps,
  operator: Operator,
  branch: Branch,
): Promise<'added' | 'branch-exists' | 'branch-refused'> {
  if (operator.branchCode !== null) return 'branch-refused'
  const { branchCode, name, glAccount } = branch
  const added = await deps.desk.merchantBook.addBranch(branch, {
    at: deps.clock.now(),
    username: operator.username,
    action: 'branch.add',
    subject: `branch/${branchCode}`,
    after: { name, glAccount },
  })
  return added === 'exists' ? 'branch-exists' : added
}

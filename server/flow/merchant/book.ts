import { businessDate } from '../../domain/business-date'
import type { Operator } from '../../domain/operator'
import { type Page, pageOf } from '../../domain/page'
import type { Settlement } from '../../domain/settlement'
import type { BookedBranch, BookedMerchant, Clock, Desk, Ledger } from '../ports'

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

/** What each channel brought to each of its accounts on a business date; undefined: no merchant that the operator may see. */
export async function settlementsSeen(
  deps: BookDeps & { ledger: Pick<Ledger, 'merchantSettlements'> },
  operator: Operator,
  merchantCode: string,
  date = businessDate(deps.clock.now()),
): Promise<{ date: string; items: Settlement[] } | undefined> {
  if (!(await merchantSeen(deps, operator, merchantCode))) return undefined
  return { date, items: await deps.ledger.merchantSettlements(merchantCode, date) }
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

export function branchesSeen(deps: BookDeps, operator: Operator): Promise<BookedBranch[]> {
  return deps.desk.merchantBook.branches(operator)
}

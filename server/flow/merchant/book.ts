import { businessDate } from '../../domain/business-date'
import type { Operator } from '../../domain/operator'
import { type Page, pageOf } from '../../domain/page'
import type { Settlement } from '../../domain/settlement'
import type {
  BookedBranch,
  BookedMerchant,
  Clock,
  Desk,
  Ledger,
  MerchantFilter,
  MerchantPlace,
  MerchantSort,
  MerchantTotals,
} from '../ports'

/** Merchants and branches, as operators see and keep them. One of a single branch finds nothing in another, whatever they ask for. */

export interface BookDeps {
  desk: Pick<Desk, 'merchantBook'>
  clock: Clock
}

/** Of a page, unless it is asked for longer ones: the picker of campaigns takes whole branches. */
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

/**
 * What each channel brought to each of its accounts on a business date; undefined: no merchant that the operator may see. One of a single branch is
 * told of its orders alone: the merchant may have been another's then.
 */
export async function settlementsSeen(
  deps: BookDeps & { ledger: Pick<Ledger, 'merchantSettlements'> },
  operator: Operator,
  merchantCode: string,
  date = businessDate(deps.clock.now()),
): Promise<{ date: string; items: Settlement[] } | undefined> {
  if (!(await merchantSeen(deps, operator, merchantCode))) return undefined
  return { date, items: await deps.ledger.merchantSettlements(merchantCode, date, operator.branchCode) }
}

export interface MerchantQuery {
  branchCode?: string | undefined
  q?: string | undefined
  bound?: boolean | undefined
  disabled?: boolean | undefined
  sort?: MerchantSort | undefined
  descending?: boolean | undefined
  cursor?: string | undefined
  limit?: number | undefined
}

/** Merchants; the cursor is the place of a page's last, and after one that is none of ours comes nothing. The first page says what all of them come to. */
export async function merchantPage(
  deps: BookDeps,
  operator: Operator,
  { cursor, sort = 'code', descending = false, limit = PAGE, ...wanted }: MerchantQuery,
): Promise<Page<BookedMerchant> & { totals: MerchantTotals | null }> {
  const { merchantBook } = deps.desk
  const filter = merchantFilter(deps, operator, wanted)
  const after = cursor === undefined ? undefined : placeOf(sort, cursor)
  if (after === null) return { items: [], totals: null }
  const [found, totals] = await Promise.all([
    merchantBook.list({ ...filter, sort, descending, after, limit: limit + 1 }),
    cursor === undefined ? merchantBook.totals(filter) : null,
  ])
  const { items, ...more } = pageOf(found, limit, (last) => (sort === 'code' ? '' : `${last.key}~`) + last.merchantCode)
  return { items: items.map(({ key: _, ...merchant }) => merchant), ...more, totals }
}

/** Which merchants, for a list and for its file. */
export function merchantFilter(
  { clock }: Pick<BookDeps, 'clock'>,
  operator: Operator,
  { branchCode, q, bound, disabled }: Pick<MerchantQuery, 'branchCode' | 'q' | 'bound' | 'disabled'>,
): MerchantFilter {
  const date = businessDate(clock.now())
  return { scope: operator.branchCode, branchCode: branchCode ?? null, q: q || undefined, bound, disabled, date }
}

/** Null: it is no cursor of a list that is sorted so. */
function placeOf(sort: MerchantSort, cursor: string): MerchantPlace | null {
  if (sort === 'code') return { key: cursor, merchantCode: cursor }
  const [, key, merchantCode] = /^([\w-]+)~([\w-]+)$/.exec(cursor) ?? []
  if (key === undefined || merchantCode === undefined) return null
  return sort === 'branch' || /^\d{1,15}$/.test(key) ? { key, merchantCode } : null
}

export function branchesSeen(deps: BookDeps, operator: Operator): Promise<BookedBranch[]> {
  return deps.desk.merchantBook.branches(operator)
}

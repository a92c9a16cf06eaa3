import { businessDate } from '../../domain/business-date'
import type { ChangeRequest } from '../../domain/change'
import { type Page, pageOf } from '../../domain/page'
import type {
  Clock,
  Suspicion,
  SuspicionCursor,
  SuspicionDay,
  SuspicionOrder,
  SuspicionState,
  Suspicions,
} from '../ports'

/** What the scoring put before people (可疑交易): the queue, and a merchant's evidence. */

const PAGE = 50
/** Four weeks of days; what lies before is in the ledger, and not in this queue. */
const DAYS = 28
/** More were never asked about one. */
const CHANGES = 20

export async function suspicionPage(
  { suspicions }: { suspicions: Suspicions },
  filter: { state: SuspicionState; after?: SuspicionCursor | undefined },
): Promise<Page<Suspicion, SuspicionCursor>> {
  const found = await suspicions.list({ ...filter, limit: PAGE + 1 })
  return pageOf(found, PAGE, ({ score, decidedAt, suspicionId }) => ({ rank: decidedAt ?? score, suspicionId }))
}

export interface SuspicionDetail extends Suspicion {
  evidenceDays: SuspicionDay[]
  /** the one whose orders are given */
  date: string
  orders: SuspicionOrder[]
  changes: ChangeRequest[]
  holds: { who: 'merchant' | 'payer'; until: string }[]
}

/** A suspicion with its days, newest first, and the orders of one of them: the last unless told. Undefined: there is no such one, or no such day of it. */
export async function suspicionDetail(
  { suspicions, clock }: { suspicions: Suspicions; clock: Clock },
  suspicionId: string,
  date?: string,
): Promise<SuspicionDetail | undefined> {
  const found = await suspicions.find(suspicionId)
  if (!found) return undefined
  const evidenceDays = await suspicions.daysOf(suspicionId, DAYS)
  const day = date === undefined ? evidenceDays[0] : evidenceDays.find((one) => one.date === date)
  if (!day) return undefined
  const { campaignId, merchantCode } = found
  const [orders, changes, holds] = await Promise.all([
    suspicions.ordersOf({ campaignId, merchantCode, date: day.date }),
    suspicions.changesOf(suspicionId, CHANGES),
    suspicions.holdsOf(suspicionId, businessDate(clock.now())),
  ])
  return { ...found, evidenceDays, date: day.date, orders, changes, holds }
}

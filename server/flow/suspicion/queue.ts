import { type Page, pageOf } from '../../domain/page'
import type { Suspicion, SuspicionCursor, SuspicionDay, SuspicionOrder, SuspicionState, Suspicions } from '../ports'

/** What the scoring put before people (可疑交易): the queue, and a merchant's evidence. */

const PAGE = 50
/** Four weeks of days; what lies before is in the ledger, and not in this queue. */
const DAYS = 28

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
}

/** A suspicion with its days, newest first, and the orders of one of them: the last unless told. Undefined: there is no such one, or no such day of it. */
export async function suspicionDetail(
  { suspicions }: { suspicions: Suspicions },
  suspicionId: string,
  date?: string,
): Promise<SuspicionDetail | undefined> {
  const found = await suspicions.find(suspicionId)
  if (!found) return undefined
  const evidenceDays = await suspicions.daysOf(suspicionId, DAYS)
  const day = date === undefined ? evidenceDays[0] : evidenceDays.find((one) => one.date === date)
  if (!day) return undefined
  const { campaignId, merchantCode } = found
  const orders = await suspicions.ordersOf({ campaignId, merchantCode, date: day.date })
  return { ...found, evidenceDays, date: day.date, orders }
}

import { businessDate } from '../../domain/business-date'
import { clawBackShares, isClawBack, NOTHING_REFUNDED, type RefundShares, refundShares } from '../../domain/refund'
import type { AuditedOrder, AuditedRefund } from '../ports'
import { refundInputHash } from '../refund/refund'
import { differ, type Fault } from './fault'

/**
 * A refund that opens while another one's failure is on its way to the ledger may or may not have counted it. Within this
 * time both are right: no statement of the ledger lives longer, and clocks of our processes differ by less, ms.
 */
const SAME_INSTANT_MS = 10_000
/** Both ways for each: so many make 256 ways, and never happen. The earliest ones beyond are taken as they were written. */
const UNSURE = 8

/**
 * The refunds of a paid order, opened again in the order in which they were (openRefund locks the order, so their events have
 * one): each has the shares that follow from those before it that hadn't failed then. Those that come from corrections give
 * back something else, and are checked with them.
 */
export function refundShareFaults({ order, refunds: all }: AuditedOrder): Fault[] {
  const refunds = all.filter(({ corrects }) => !corrects)
  if (order.state !== 'paid' || refunds.length === 0) return []
  const standing = refunds.filter(({ refund }) => refund.state !== 'failed').map(({ refund }) => refund.shares)
  const { payableFen, discountFen, merchantReceivesFen } = order.figures
  const sum = standing.reduce(added, NOTHING_REFUNDED)
  if (sum.payerFen > payableFen || sum.glFen > discountFen || sum.merchantFen > merchantReceivesFen)
    return [
      {
        code: 'refunded-above-paid',
        subject: `order ${order.orderNo}`,
        detail: `paid ${payableFen} and subsidised ${discountFen}, refunded ${JSON.stringify(sum)}`,
      },
    ]
  const inTurn = [...refunds].sort((a, b) => openedAt(a).eventId - openedAt(b).eventId)
  return inTurn.flatMap((one, nth) => {
    const before = befores(inTurn.slice(0, nth), one)
    const { payerFen } = one.refund.shares
    const possible = isClawBack(one.refund.shares)
      ? before.map((sum) => clawBackShares(order.figures, sum, false))
      : before.filter((sum) => fits(sum, payerFen, payableFen)).map((sum) => refundShares(order.figures, sum, payerFen))
    if (possible.some((shares) => shares && same(shares, one.refund.shares))) return []
    return differ('refund-shares-wrong', `refund ${one.refund.refundNo}`, possible, one.refund.shares)
  })
}

/** What the refunds before may have come to when this one was opened: one sum, or several where a failure was just coming in. */
function befores(earlier: readonly AuditedRefund[], one: AuditedRefund): RefundShares[] {
  const opened = openedAt(one)
  const failures = earlier.map((other) => ({ other, failed: other.events.find((event) => event.kind === 'failed') }))
  const sure = failures.filter(({ failed }) => !failed || failed.eventId > opened.eventId)
  const unsure = failures.filter(
    ({ failed }) => failed && failed.eventId < opened.eventId && Math.abs(opened.at - failed.at) <= SAME_INSTANT_MS,
  )
  const sums = [sure.map(({ other }) => other.refund.shares).reduce(added, NOTHING_REFUNDED)]
  for (const { other } of unsure.slice(-UNSURE)) sums.push(...sums.map((sum) => added(sum, other.refund.shares)))
  return sums
}

/** The day is that on which it was asked for; what the merchant asked, and why, is what its key stands for. */
export function refundRecordFaults({ refund, corrects, inputHash }: AuditedRefund): Fault[] {
  const subject = `refund ${refund.refundNo}`
  const day = differ('refund-record-wrong', subject, businessDate(refund.createdAt), refund.businessDate)
  if (corrects || isClawBack(refund.shares)) return day
  const asked = refundInputHash(refund.orderNo, refund.shares.payerFen, refund.reason)
  return [...day, ...differ('refund-record-wrong', `${subject} as it was asked for`, asked, inputHash)]
}

const NEVER = { eventId: Number.POSITIVE_INFINITY, at: 0 }

/** One without its event is reported as such; it then comes last. */
function openedAt({ events }: AuditedRefund): { eventId: number; at: number } {
  return events.find((event) => event.kind === 'opened') ?? NEVER
}

function fits(before: RefundShares, payerFen: number, payableFen: number): boolean {
  return payerFen >= 1 && before.payerFen + payerFen <= payableFen
}

function added(a: RefundShares, b: RefundShares): RefundShares {
  return { payerFen: a.payerFen + b.payerFen, merchantFen: a.merchantFen + b.merchantFen, glFen: a.glFen + b.glFen }
}

function same(a: RefundShares, b: RefundShares): boolean {
  return a.payerFen === b.payerFen && a.merchantFen === b.merchantFen && a.glFen === b.glFen
}

import { CURRENCY } from '../../domain/channel'
import { type Difference, isAcceptable, nextOf, SUSPENSE_ACCOUNT } from '../../domain/difference'
import type { OwnEntry, StatementLine } from '../../domain/match'
import { standingOf } from '../../domain/standing'
import type {
  Around,
  Binding,
  BookedBranch,
  BookedMerchant,
  DeskOrder,
  DeskOrderDetail,
  DeskRefund,
  Reconciliation,
  ReportRow,
} from '../../flow/ports'
import type { ListedDay } from '../../flow/reconcile/due'
import { isSigned, openCount, waitingCount } from '../../flow/reconcile/report'
import { type CampaignReport, costed } from '../../flow/report/report'
import type {
  AdminMerchant,
  AdminOrder,
  AdminOrderDetail,
  AdminRefund,
  AroundView,
  BranchList,
  DifferenceView,
  MerchantUser,
  ReconciliationDay,
  ReconciliationView,
  Report,
} from '../contract'
import { iso, isoOrNull } from './iso'

/** What operators see of reports, books, merchants and orders. No payer: neither who it was nor their account. */

export function presentReport({ campaign: _, ...report }: CampaignReport): Report {
  return { ...report, rows: report.rows.map(presentReportRow) }
}

export function presentReportRow(row: ReportRow): Report['rows'][number] {
  return { ...costed(row), soldOutAt: isoOrNull(row.soldOutAt) }
}

export function presentDay({ matchedAt, ...day }: ListedDay): ReconciliationDay {
  return { ...day, matchedAt: isoOrNull(matchedAt) }
}

export function presentReconciliation(day: Reconciliation): ReconciliationView {
  const { channel, manifest, startedAt, matchedAt, result, differences, left, reissued } = day
  const { date, sha256, lines, totals } = manifest
  return {
    channel,
    date,
    sha256,
    lines,
    bank: totals,
    startedAt: iso(startedAt),
    matchedAt: iso(matchedAt),
    ...result,
    settled: isSigned(day),
    says: standingOf(result, left),
    stillOpen: left.open,
    openCount: openCount(day),
    waitingCount: waitingCount(day),
    differences,
    reissued: reissued && { ...reissued, seenAt: iso(reissued.seenAt) },
  }
}

export function presentDifference(one: Difference): DifferenceView {
  const { differenceId, statementDate, detail, kind, orderNo, refundNo, own, line, proposal, state, note } = one
  return {
    differenceId,
    channel: one.channel,
    date: statementDate,
    class: one.class,
    detail,
    kind,
    orderNo,
    refundNo,
    own: own && { ...sideOf(own), state: own.state },
    bank: line && {
      ...sideOf(line),
      payerTail: line.payerTail ?? null,
      lineNo: line.lineNo,
      bookedAt: iso(line.bookedAt),
    },
    proposal: {
      entries: proposal.entries.map(({ what, postings }) => ({ what, postings: postings.map(withoutPayer) })),
      refund: proposal.refund,
    },
    acceptable: isAcceptable(one),
    state,
    foundAt: iso(one.foundAt),
    resolvedAt: isoOrNull(one.resolvedAt),
    resolvedBy: one.resolvedBy,
    note,
    proposedBy: one.proposedBy,
    proposedAt: isoOrNull(one.proposedAt),
    mendedBy: one.mendedBy,
    mendedAt: isoOrNull(one.mendedAt),
    next: nextOf(one),
    owedFen: one.owedFen,
    refund: one.refund,
    payment: one.payment && { ...one.payment, at: iso(one.payment.at) },
    revision: one.revision,
  }
}

function sideOf(side: OwnEntry | StatementLine) {
  const { payerFen, glFen, merchantFen, glAccount, merchantAccount, channelTradeNo } = side
  // what we book is in the one currency
  const currency = 'currency' in side ? side.currency : CURRENCY
  return { payerFen, glFen, merchantFen, glAccount, merchantAccount, currency, channelTradeNo }
}

function withoutPayer<P extends { role: string; account: string }>(
  posting: P,
): Omit<P, 'account'> & { account: string | null } {
  const { role, account } = posting
  return { ...posting, account: role === 'payer' && account !== SUSPENSE_ACCOUNT ? null : account }
}

export function presentBranch(branch: BookedBranch): BranchList['items'][number] {
  const { branchCode, ...rest } = branch
  return { code: branchCode, ...rest }
}

export function presentBookedMerchant({ merchantCode, ...merchant }: BookedMerchant): AdminMerchant {
  return { code: merchantCode, ...merchant }
}

/** The end of a pseudonymous id tells a merchant's few users apart, and is no id. */
const TAIL_CHARACTERS = 4

export function presentMerchantUser({ bindingId, userId, role, boundAt, unboundAt }: Binding): MerchantUser {
  const times = { boundAt: iso(boundAt), unboundAt: isoOrNull(unboundAt) }
  return { bindingId: String(bindingId), userTail: userId.slice(-TAIL_CHARACTERS), role, ...times }
}

export function presentDeskOrder(order: DeskOrder): AdminOrder {
  return { ...order, createdAt: iso(order.createdAt), endedAt: isoOrNull(order.endedAt) }
}

export function presentDeskOrderDetail(detail: DeskOrderDetail): AdminOrderDetail {
  const { events, postings, walletPaid, ...order } = detail
  return {
    ...presentDeskOrder(order),
    walletPaid,
    events: events.map((one) => ({ ...one, at: iso(one.at) })),
    postings,
  }
}

export function presentAround({ from, until, decks, stops, orders, whole }: Around): AroundView {
  return {
    from: iso(from),
    until: iso(until),
    decks: decks.map((deck) => ({ ...deck, dealtAt: iso(deck.dealtAt), closedAt: isoOrNull(deck.closedAt) })),
    stops: stops.map((stop) => ({ ...stop, at: iso(stop.at) })),
    orders: orders.map(presentDeskOrder),
    whole,
  }
}

export function presentDeskRefund(refund: DeskRefund): AdminRefund {
  return { ...refund, createdAt: iso(refund.createdAt), endedAt: isoOrNull(refund.endedAt) }
}

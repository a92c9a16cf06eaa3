import { type ChannelName, CURRENCY, OWN_CHANNEL } from './channel'
import type {
  BookDay,
  DifferenceClass,
  DifferenceDetail,
  EntryKind,
  Legs,
  OwnEntry,
  StatementLine,
  Verdict,
} from './match'
import { never } from './never'
import type { Posting } from './posting'
import type { Refund, RefundShares } from './refund'

/** A correction proposed for a difference: new entries, each balanced; nothing that was posted is ever changed. */
export interface Proposal {
  entries: ProposedEntry[]
  /**
   * the money to give back to a payer who was debited for nothing, twice or too much; null when there is nothing to give back, or
   * nobody we know to give it to
   */
  refund: RefundShares | null
}

export interface ProposedEntry {
  /** 红冲: our booking, the other way round; or the bank's booking, taken into our books */
  what: 'reversal' | 'as-booked'
  postings: Posting[]
}

/** A statement doesn't name the payer's account; where we have no order to tell it, the leg waits here (待查). */
export const SUSPENSE_ACCOUNT = 'suspense-payer'

/**
 * The entries that make our books equal to the bank's; accepting a difference means that the bank's record is right.
 * (Rejecting means that ours is, and that the bank puts its own right.) What is open here is ended before, and so has been
 * booked by us as well.
 */
export function propose(named: DifferenceClass, own: OwnEntry | null, line: StatementLine | null): Proposal {
  if (line && line.currency !== CURRENCY) return { entries: [], refund: null }
  const reversal = (): ProposedEntry[] => (own ? [{ what: 'reversal', postings: reversed(postingsOfEntry(own)) }] : [])
  const asBooked = (): ProposedEntry[] => (line ? [{ what: 'as-booked', postings: postingsOfLine(line, own) }] : [])
  switch (named) {
    case 'long':
      return { entries: asBooked(), refund: null }
    case 'duplicate':
      return { entries: asBooked(), refund: own && line ? givenBack(line) : null }
    case 'short':
      // A refund that the channel never made is made after all, under another number.
      return { entries: reversal(), refund: own?.kind === 'refund' ? sharesOf(own) : null }
    case 'amountMismatch':
    case 'glMismatch':
      return { entries: [...reversal(), ...asBooked()], refund: own && line ? givenBack(line, own) : null }
    case 'stateMismatch':
      // Booked on both sides under two trade numbers: there is no money to correct. Open here: it ends by the usual door.
      if (own?.state !== 'void') return { entries: [], refund: null }
      return { entries: asBooked(), refund: line ? givenBack(line) : null }
    default:
      return never(named)
  }
}

/**
 * False where only the channel can put it right, since its record can't be booked as ours: money of another currency, or an order
 * that is still open here and whose money went to somebody else.
 */
export function isAcceptable({ detail, own }: Pick<Difference, 'detail' | 'own'>): boolean {
  return detail !== 'currency' && !(detail === 'merchant-account' && own?.state === 'open')
}

/** The postings of what we booked, as they were made. */
export function postingsOfEntry(own: OwnEntry): Posting[] {
  return postings(own, { payer: own.payerAccount, gl: own.glAccount ?? '', merchant: own.merchantAccount })
}

function postingsOfLine(line: StatementLine, own: OwnEntry | null): Posting[] {
  const payer = own?.payerAccount ?? SUSPENSE_ACCOUNT
  return postings(line, { payer, gl: line.glAccount ?? '', merchant: line.merchantAccount })
}

function postings(legs: Legs, accounts: Record<Posting['role'], string>): Posting[] {
  const all: Posting[] = [
    { account: accounts.payer, role: 'payer', amountFen: legs.payerFen },
    { account: accounts.gl, role: 'gl', amountFen: legs.glFen },
    { account: accounts.merchant, role: 'merchant', amountFen: legs.merchantFen },
  ]
  return all.filter((posting) => posting.amountFen !== 0)
}

function reversed(entry: readonly Posting[]): Posting[] {
  return entry.map((posting) => ({ ...posting, amountFen: -posting.amountFen }))
}

/** What a payer was debited beyond what is due (nothing, unless told) or got back too little, and the subsidy that went with it. */
function givenBack(line: StatementLine, due: Legs = { payerFen: 0, glFen: 0, merchantFen: 0 }): RefundShares | null {
  return sharesOf({ payerFen: due.payerFen - line.payerFen, glFen: due.glFen - line.glFen })
}

function sharesOf(back: Pick<Legs, 'payerFen' | 'glFen'>): RefundShares | null {
  const { payerFen } = back
  const glFen = Math.max(0, back.glFen)
  return payerFen > 0 ? { payerFen, glFen, merchantFen: payerFen + glFen } : null
}

/**
 * What some payer is short of as long as the accepted difference isn't made good, fen: the proposed refund; or what somebody was debited
 * whom we don't know, by the channel's record of an order that is none of ours.
 */
export function owedFen({ proposal, own, line }: Pick<Difference, 'proposal' | 'own' | 'line'>): number {
  if (proposal.refund) return proposal.refund.payerFen
  const debitsNobody = own !== null || line?.kind !== 'clearing' || line.currency !== CURRENCY
  return debitsNobody ? 0 : Math.max(0, -line.payerFen)
}

/**
 * Stable: the same line of the same statement, or the same missing booking, is the same difference on every run. `D20261120-L17`;
 * another channel than our own is named: `D20261120-alipay-L17`.
 */
export function differenceId(day: BookDay, of: StatementLine | OwnEntry): string {
  const date = day.date.replaceAll('-', '')
  const which = 'lineNo' in of ? `L${of.lineNo}` : (of.refundNo ?? of.orderNo)
  return day.channel === OWN_CHANNEL ? `D${date}-${which}` : `D${date}-${day.channel}-${which}`
}

export const DIFFERENCE_STATES = [
  'open',
  'accepted',
  /** ours is right: it waits until the channel has put its own right */
  'rejected',
  /** the channel put it right before anybody decided */
  'cleared',
  /** it was rejected, and now the channel has put it right */
  'mended',
] as const
export type DifferenceState = (typeof DIFFERENCE_STATES)[number]

/** A difference (差错) of one day's reconciliation, with what both sides say and what we propose. */
export interface Difference {
  differenceId: string
  channel: ChannelName
  /** of the statement that showed it; a short is shown by the statement of the day after its own */
  statementDate: string
  class: DifferenceClass
  detail: DifferenceDetail
  kind: EntryKind
  orderNo: string
  refundNo: string | null
  own: OwnEntry | null
  line: StatementLine | null
  proposal: Proposal
  state: DifferenceState
  /** ms since the epoch */
  foundAt: number
  resolvedAt: number | null
  /** who decided; for `cleared` the statement's date */
  resolvedBy: string | null
  note: string | null
  /** who asked for the correction: another one accepts it */
  proposedBy: string | null
  proposedAt: number | null
  /** by which statement the channel put it right, when it was rejected */
  mendedBy: string | null
  mendedAt: number | null
  /** what a payer is short of until it is given back ({@link owedFen}), fen */
  owedFen: number
  /** the refund that gives it back, of several the last; null: none was sent */
  refund: Pick<Refund, 'refundNo' | 'state' | 'failReason'> | null
  /** the accepted difference by which the channel itself gave it back (冲正) */
  returnedBy: string | null
  /** paid from a GL account instead, which two people decided, by a voucher (凭证) of the bank's own books */
  payment: { glAccount: string; voucherNo: string; by: string; reviewedBy: string; at: number } | null
  /** grows with every step of it */
  revision: number
}

/** Where a difference stands, and what comes next. Only `settled` is nobody's to do any more. */
export type DifferenceNext =
  | 'settled'
  /** a correction is to be asked for, or to be accepted by another */
  | 'propose'
  | 'accept'
  /** the channel has to put its own record right */
  | 'channel'
  /** its refund is under way */
  | 'refunding'
  /** its refund failed: once more, or from a GL account */
  | 'retry'
  /** nobody knows whom the channel debited: from a GL account, when they are found */
  | 'pay'

export function nextOf(one: Difference): DifferenceNext {
  switch (one.state) {
    case 'open':
      return one.proposedBy === null ? 'propose' : 'accept'
    case 'rejected':
      return 'channel'
    case 'cleared':
    case 'mended':
      return 'settled'
    case 'accepted':
      if (one.owedFen === 0 || one.payment || one.returnedBy || one.refund?.state === 'refunded') return 'settled'
      if (!one.refund) return 'pay'
      return one.refund.state === 'failed' ? 'retry' : 'refunding'
    default:
      return never(one.state)
  }
}

export function newDifference(
  day: BookDay,
  verdict: Extract<Verdict, { kind: 'difference' }>,
  own: OwnEntry | null,
  line: StatementLine | null,
  foundAt: number,
): Difference {
  const of = line ?? own
  if (!of) throw new Error('a difference has at least one side')
  const proposal = propose(verdict.class, own, line)
  return {
    differenceId: differenceId(day, of),
    channel: day.channel,
    statementDate: day.date,
    class: verdict.class,
    detail: verdict.detail,
    kind: of.kind,
    orderNo: of.orderNo,
    refundNo: of.refundNo,
    own,
    line,
    proposal,
    state: 'open',
    foundAt,
    resolvedAt: null,
    resolvedBy: null,
    note: null,
    proposedBy: null,
    proposedAt: null,
    mendedBy: null,
    mendedAt: null,
    owedFen: owedFen({ proposal, own, line }),
    refund: null,
    returnedBy: null,
    payment: null,
    revision: 1,
  }
}

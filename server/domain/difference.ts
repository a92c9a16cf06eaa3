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
import type { RefundShares } from './refund'

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
      return { entries: reversal(), refund: null }
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

/** What a payer was debited beyond what is due (nothing, unless told), and the subsidy that went with it. Refunds debit nobody. */
function givenBack(line: StatementLine, due: Legs = { payerFen: 0, glFen: 0, merchantFen: 0 }): RefundShares | null {
  const payerFen = due.payerFen - line.payerFen
  if (line.kind !== 'clearing' || payerFen <= 0) return null
  const glFen = Math.max(0, due.glFen - line.glFen)
  return { payerFen, glFen, merchantFen: payerFen + glFen }
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
  /** grows with every step of it */
  revision: number
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
    proposal: propose(verdict.class, own, line),
    state: 'open',
    foundAt,
    resolvedAt: null,
    resolvedBy: null,
    note: null,
    proposedBy: null,
    proposedAt: null,
    mendedBy: null,
    mendedAt: null,
    revision: 1,
  }
}

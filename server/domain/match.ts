import type { Posting } from './posting'
import type { RefundShares } from './refund'

/** Reconciliation (对账): the bank's statement held against our books, line by line. Amounts in fen, debits negative. */

export type EntryKind = 'clearing' | 'refund'

/** The legs of one booking; they sum to zero. */
export interface Legs {
  payerFen: number
  glFen: number
  merchantFen: number
}

/** One booking of the bank, as its statement (对账单) has it. */
export interface StatementLine extends Legs {
  /** its place in the file, from 1 */
  lineNo: number
  kind: EntryKind
  orderNo: string
  /** null for a clearing */
  refundNo: string | null
  channelTradeNo: string
  /** ms since the epoch, by the bank's clock */
  bookedAt: number
  /** null when there is no GL leg */
  glAccount: string | null
  merchantAccount: string
}

/** What we hold under the same number: an order, or a refund. */
export interface OwnEntry extends Legs {
  kind: EntryKind
  orderNo: string
  refundNo: string | null
  /** `booked`: it has its postings; `open`: not ended; `void`: ended, and no money moved */
  state: 'booked' | 'open' | 'void'
  channelTradeNo: string | null
  payerAccount: string
  glAccount: string
  merchantAccount: string
}

/** 长款 bank only · 短款 ours only · 金额不符 · 状态不符 · another GL leg or account · a booking the statement has twice */
export const DIFFERENCE_CLASSES = [
  'long',
  'short',
  'amountMismatch',
  'stateMismatch',
  'glMismatch',
  'duplicate',
] as const
export type DifferenceClass = (typeof DIFFERENCE_CLASSES)[number]

/** Why, within its class. Stable codes, for reports and tests. */
export type DifferenceDetail =
  | 'no-such-order'
  | 'no-such-refund'
  /** it was missing for two days and accepted as short, so our books no longer hold it; now the bank has it after all */
  | 'reversed-as-short'
  | 'not-in-statement'
  | 'payer-amount'
  /** the money moved, and here the order is closed or the refund failed */
  | 'booked-after-end'
  | 'still-open'
  | 'other-trade-no'
  | 'gl-amount'
  | 'gl-account'
  | 'merchant-account'
  | 'booked-twice'

export type Verdict = { kind: 'balanced' } | { kind: 'difference'; class: DifferenceClass; detail: DifferenceDetail }

/**
 * What the statement's line is to us. `seen.before`: an earlier line, of this file or an earlier day's, has the same number;
 * `seen.reversed`: our booking was taken back as short. Amounts come before accounts, and accounts before the trade number.
 */
export function judge(
  own: OwnEntry | null,
  line: StatementLine,
  seen: { before: boolean; reversed: boolean },
): Verdict {
  if (seen.before) return difference('duplicate', 'booked-twice')
  if (!own) return difference('long', line.kind === 'clearing' ? 'no-such-order' : 'no-such-refund')
  if (seen.reversed) return difference('long', 'reversed-as-short')
  if (own.state === 'void') return difference('stateMismatch', 'booked-after-end')
  if (own.state === 'open') return difference('stateMismatch', 'still-open')
  if (own.payerFen !== line.payerFen) return difference('amountMismatch', 'payer-amount')
  if (own.glFen !== line.glFen) return difference('glMismatch', 'gl-amount')
  if (line.glFen !== 0 && own.glAccount !== line.glAccount) return difference('glMismatch', 'gl-account')
  if (own.merchantAccount !== line.merchantAccount) return difference('glMismatch', 'merchant-account')
  if (own.channelTradeNo !== line.channelTradeNo) return difference('stateMismatch', 'other-trade-no')
  return { kind: 'balanced' }
}

function difference(named: DifferenceClass, detail: DifferenceDetail): Verdict {
  return { kind: 'difference', class: named, detail }
}

/** A correction proposed for a difference: new entries, each balanced; nothing that was posted is ever changed. */
export interface Proposal {
  entries: ProposedEntry[]
  /** the money to give back to the payer of an order that is closed here; null when there is nothing to give back */
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
 * (Rejecting means that ours is, and that the bank puts its own right.)
 */
export function propose(named: DifferenceClass, own: OwnEntry | null, line: StatementLine | null): Proposal {
  const reversal = (): ProposedEntry[] => (own ? [{ what: 'reversal', postings: reversed(postingsOfEntry(own)) }] : [])
  const asBooked = (): ProposedEntry[] => (line ? [{ what: 'as-booked', postings: postingsOfLine(line, own) }] : [])
  switch (named) {
    case 'long':
    case 'duplicate':
      return { entries: asBooked(), refund: null }
    case 'short':
      return { entries: reversal(), refund: null }
    case 'amountMismatch':
    case 'glMismatch':
      return { entries: [...reversal(), ...asBooked()], refund: null }
    case 'stateMismatch':
      // Booked on both sides under two trade numbers: there is no money to correct. Open here: it ends by the usual door.
      if (own?.state !== 'void') return { entries: [], refund: null }
      return { entries: asBooked(), refund: line?.kind === 'clearing' ? sharesBack(line) : null }
    default:
      return never(named)
  }
}

/** The postings of what we booked, as they were made. */
export function postingsOfEntry(own: OwnEntry): Posting[] {
  return postings(own, { payer: own.payerAccount, gl: own.glAccount, merchant: own.merchantAccount })
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

function sharesBack({ payerFen, glFen, merchantFen }: Legs): RefundShares {
  return { payerFen: Math.abs(payerFen), glFen: Math.abs(glFen), merchantFen }
}

/** Stable: the same line of the same statement, or the same missing booking, is the same difference on every run. */
export function differenceId(statementDate: string, of: StatementLine | OwnEntry): string {
  const date = statementDate.replaceAll('-', '')
  return 'lineNo' in of ? `D${date}-L${of.lineNo}` : `D${date}-${of.refundNo ?? of.orderNo}`
}

export type DifferenceState =
  | 'open'
  | 'accepted'
  | 'rejected'
  /** a short whose line came in a later statement after all, before anybody decided */
  | 'cleared'

/** A difference (差错) of one day's reconciliation, with what both sides say and what we propose. */
export interface Difference {
  differenceId: string
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
}

export function newDifference(
  statementDate: string,
  verdict: Extract<Verdict, { kind: 'difference' }>,
  own: OwnEntry | null,
  line: StatementLine | null,
  foundAt: number,
): Difference {
  const of = line ?? own
  if (!of) throw new Error('a difference has at least one side')
  return {
    differenceId: differenceId(statementDate, of),
    statementDate,
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
  }
}

/** Bookings in number and by leg, fen: how a statement and our books are compared as wholes. */
export interface Side extends Legs {
  count: number
}
export type Totals = Record<EntryKind, Side>

export const NO_TOTALS: Readonly<Totals> = {
  clearing: { count: 0, payerFen: 0, glFen: 0, merchantFen: 0 },
  refund: { count: 0, payerFen: 0, glFen: 0, merchantFen: 0 },
}

/** `a + sign × b`, leg by leg. @throws RangeError when a sum isn't a safe integer any more */
export function addTotals(a: Totals, b: Totals, sign: 1 | -1 = 1): Totals {
  return { clearing: addSides(a.clearing, b.clearing, sign), refund: addSides(a.refund, b.refund, sign) }
}

export function totalsOf(entries: readonly (Legs & { kind: EntryKind })[]): Totals {
  return entries.reduce<Totals>(
    (sum, { kind, payerFen, glFen, merchantFen }) =>
      addTotals(sum, { ...NO_TOTALS, [kind]: { count: 1, payerFen, glFen, merchantFen } }),
    NO_TOTALS,
  )
}

export function sameTotals(a: Totals, b: Totals): boolean {
  const rest = addTotals(a, b, -1)
  return [rest.clearing, rest.refund].every((side) => Object.values(side).every((value) => value === 0))
}

function addSides(a: Side, b: Side, sign: 1 | -1): Side {
  const sum = (x: number, y: number) => {
    const total = x + sign * y
    if (!Number.isSafeInteger(total)) throw new RangeError('a total is beyond 2⁵³ fen')
    return total
  }
  return {
    count: sum(a.count, b.count),
    payerFen: sum(a.payerFen, b.payerFen),
    glFen: sum(a.glFen, b.glFen),
    merchantFen: sum(a.merchantFen, b.merchantFen),
  }
}

function never(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`)
}

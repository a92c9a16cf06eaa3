import type { ChannelName } from '../../domain/channel'
import type { Difference, DifferenceState } from '../../domain/difference'
import type { BookDay, DifferenceClass, EntryKind, OwnEntry, Seen, StatementLine, Totals } from '../../domain/match'
import type { Order } from '../../domain/order'
import type { Left } from '../../domain/standing'
import type { Deed } from './deed'
import type { StatementManifest } from './statement'

/** A day while one process has it. `run` names the process's attempt: whoever lost the day to another can't write any more. */
export interface Hold extends BookDay {
  run: string
}

/** Another process has taken the day over, because this one wasn't heard of for too long. Nothing was written. */
export class HoldLost extends Error {
  override name = 'HoldLost'
}

export type BeginResult =
  /** lines may be staged; those of an attempt that died are there already, and staging them again changes nothing */
  | { kind: 'begun'; hold: Hold }
  /** it was reconciled before, with this same file */
  | { kind: 'again'; hold: Hold }
  | { kind: 'refused'; code: BeginRefusal; detail: string }
export type BeginRefusal =
  /** another process is at it */
  | 'reconciliation-running'
  /** it was reconciled with another file: that is kept with the day until people have looked why the channel changed it */
  | 'statement-changed'

/** An order or refund that is still open, beside the line that can end it. */
export interface OpenMatch {
  number: string
  line: StatementLine
}

/** A line that isn't plainly balanced, beside what it is to be judged with. */
export interface Misfit {
  line: StatementLine
  own: OwnEntry | null
  seen: Seen
}

export interface MatchedLines {
  /** all lines of the range, as the statement has them */
  bank: Totals
  /** of the balanced ones: what both sides say */
  balanced: Totals
  /** of first lines whose entry we booked: what our books say, by whether our booking ended on this date */
  ownToday: Totals
  ownOtherDays: Totals
  misfits: Misfit[]
}

export interface OwnPage {
  /** what we booked: in all, in an earlier statement, in none so far */
  booked: Totals
  earlier: Totals
  absent: Totals
  /** of the absent ones those that ended before `shortBefore` */
  overdue: Totals
  /** of those the ones that no difference names as short yet */
  shortEntries: OwnEntry[]
  /** undefined when this was the last page */
  next: OwnCursor | undefined
}
export interface OwnCursor {
  endedAt: number
  number: string
}

/** What a reconciliation came to; kept as it was when the day was first done. */
export interface ReconciliationResult {
  balanced: Totals
  /**
   * our bookings of the date; of them those of around the cut that no statement holds yet (carried over 日切 to the next), and those
   * of before, which this one should have held
   */
  own: Totals
  carried: Totals
  short: Totals
  /** our bookings of other dates that this statement holds */
  ownOtherDays: Totals
  /** orders and refunds that this run ended by the statement's word */
  ended: number
  /** orders of earlier days that no statement holds, which this run ended at the channel */
  closed: number
  /** orders of earlier days still without an ending when it was done: the channel didn't answer */
  unanswered: number
  /** lines = balanced + differences, and our bookings = in the statement + carried over + short: checked leg by leg */
  proven: boolean
}

export interface Reconciliation {
  channel: ChannelName
  manifest: StatementManifest
  startedAt: number
  /** ms since the epoch */
  matchedAt: number
  result: ReconciliationResult
  differences: { class: DifferenceClass; state: DifferenceState; count: number }[]
  /** what of it isn't settled now */
  left: Left
  /** another file that the channel had for it later, the last that was seen; `by`: who decided that this one counts, null while nobody has */
  reissued: { sha256: string; lines: number; seenAt: number; by: string | null; note: string | null } | null
}

/** A day in the list of days. */
export interface ReconciledDay extends BookDay {
  lines: number
  /** null: not done */
  matchedAt: number | null
  result: Pick<ReconciliationResult, 'balanced' | 'carried' | 'proven'> | null
  /** a process is at it */
  held: boolean
  /** differences that nobody has decided */
  openCount: number
  left: Left
  /** the channel issued it anew, and nobody has decided what to make of it */
  reissued: boolean
}

export type ResolveResult =
  | { kind: 'resolved'; difference: Difference }
  | { kind: 'not-found' }
  | { kind: 'already-resolved'; difference: Difference }
  /** somebody proposes it first, and another one accepts */
  | { kind: 'not-proposed' }
  | { kind: 'own-proposal' }
  | { kind: 'revision-changed' }

/** Asked for by one and reviewed by another: a payer who is owed is paid from a branch's GL account. */
export interface PayWish {
  glAccount: string
  /** of the payment in the bank's own books (凭证) */
  voucherNo: string
}

/** An order or a refund that has no ending. */
export interface Endless {
  kind: 'order' | 'refund'
  id: string
  orderNo: string
  channel: ChannelName
  businessDate: string
  fen: number
  since: number
  /**
   * `ask`: its statements aren't both in, or one of them holds it; `end`: they are, and hold nothing of it; `review`: one has asked
   * for its end
   */
  next: 'ask' | 'end' | 'review'
}

export type ProposeResult =
  | { kind: 'proposed'; difference: Difference }
  | { kind: 'not-found' }
  | { kind: 'already-resolved' | 'already-proposed'; difference: Difference }
  | { kind: 'revision-changed' }

/**
 * Each channel's statements, staged beside our books of that channel, and the differences between the two. What takes a
 * {@link Hold} writes, and throws HoldLost when the day is another process's by now.
 */
export interface Reconciliations {
  /** Takes the day for `holdMs`, by the ledger's own clock. A day that is done stays as it is, whoever comes when. */
  begin(day: BookDay, manifest: StatementManifest, now: number, holdMs: number): Promise<BeginResult>
  /** Says that the process is still at it. */
  keep(hold: Hold, holdMs: number): Promise<void>
  /** Gives the day up, so that whoever tries again need not wait. Nothing happens if it is another's. */
  giveUp(hold: Hold): Promise<void>
  /** Keeps lines; those that are kept already stay. */
  stage(hold: Hold, lines: readonly StatementLine[]): Promise<void>
  /** The sums of what is staged of a day, lines 1 … `lines`; called when all of it is. */
  staged(day: BookDay, lines: number): Promise<Totals>

  /** What is still open here though a line of this statement holds it, by number (the refund's or the order's) after `after`. */
  openMatches(kind: EntryKind, day: BookDay, after: string, limit: number): Promise<OpenMatch[]>
  /** Orders of the channel in `paying` made before `createdBefore` that no statement of its up to the date holds, by number after `after`. */
  absentPaying(day: BookDay, createdBefore: number, after: string, limit: number): Promise<Order[]>
  /** Lines `from` … `to` of the file, both included, held against our books. */
  matchLines(day: BookDay, from: number, to: number): Promise<MatchedLines>
  /**
   * Our bookings of a kind at the day's channel that ended on `ownDate`, a page in the order of their endings; `absent` are
   * those in no statement of the channel up to the day's. `shortBefore`: ms.
   */
  ownPage(input: {
    day: BookDay
    kind: EntryKind
    ownDate: string
    after: OwnCursor | undefined
    limit: number
    shortBefore: number
  }): Promise<OwnPage>
  isMatched(day: BookDay): Promise<boolean>
  /** Whether the orders of the date are archived, and with them what its statement could be held against. */
  isArchived(date: string): Promise<boolean>

  /** Keeps differences; one that is kept already stays as it is. Returns how many are new. */
  addDifferences(hold: Hold, differences: readonly Difference[]): Promise<number>
  /** Shorts that nobody has accepted and that a line of this statement answers: cleared, or mended. Returns how many. */
  clearShorts(hold: Hold, now: number): Promise<number>
  /** The same of all differences that nobody has accepted of these numbers, whose lines now come to what we hold. */
  settle(hold: Hold, lines: readonly StatementLine[], now: number): Promise<number>
  /** The day is done. The first result stays. `deed`: of the operator who ran it, logged in the same transaction. */
  finish(hold: Hold, result: ReconciliationResult, now: number, deed?: Deed): Promise<void>

  reconciliation(day: BookDay): Promise<Reconciliation | undefined>
  /**
   * That the file counts by which the day was done, and not the later one of this hash; with the deed, if it was this call that
   * decided. False when no such file was seen, or it is decided.
   */
  keepFirst(input: { day: BookDay; sha256: string; operator: string; note: string; deed: Deed }): Promise<boolean>
  /** Those of a channel's dates `from` … `to` that were begun, newest first. */
  days(channel: ChannelName, from: string, to: string): Promise<ReconciledDay[]>
  /** The last business date of a channel that is reconciled. */
  lastMatched(channel: ChannelName): Promise<string | undefined>
  /**
   * The first business date of a channel that is to be reconciled: the first that was, or else the first that has orders of
   * the channel. Undefined as long as it has none.
   */
  firstDay(channel: ChannelName): Promise<string | undefined>
  /** Dates of a channel from `from` to `to`, both included, that aren't reconciled, the earliest `limit` of them. */
  openDays(channel: ChannelName, from: string, to: string, limit: number): Promise<string[]>
  difference(differenceId: string): Promise<Difference | undefined>
  /** Of a channel, or of all: what nobody has decided, the channel has not put right, or a payer hasn't got back; as they were found. */
  unsettled(channel: ChannelName | undefined, after: string | undefined, limit: number): Promise<Difference[]>
  /** Orders and refunds made before then, ms, that haven't ended, the oldest first. */
  endless(before: number, limit: number): Promise<Endless[]>
  /** In the order they were found; `after` is the last one's id of the page before. */
  differences(day: BookDay, after: string | undefined, limit: number): Promise<Difference[]>
  /** Asks for the correction of an open difference at `revision`, once; and the deed, if it was this call. */
  propose(input: {
    differenceId: string
    operator: string
    now: number
    revision: number
    deed: Deed
  }): Promise<ProposeResult>
  /**
   * One transaction, guarded by `state = 'open'`, the revision that was looked at and, where it is accepted, a proposal of somebody else: the decision, and if it is accepted the proposal's entries (each summing to
   * zero, under a correction id of its own) and the refund it proposes, `refunding` and due for the sweeper; and the deed,
   * only if it was this call that decided.
   */
  resolve(input: {
    differenceId: string
    decision: 'accepted' | 'rejected'
    operator: string
    note: string
    now: number
    revision: number
    /** for a proposal that refunds */
    refundNo: string
    businessDate: string
    deed: Deed
  }): Promise<ResolveResult>
}

import type {
  Difference,
  DifferenceClass,
  DifferenceState,
  EntryKind,
  OwnEntry,
  StatementLine,
  Totals,
} from '../../domain/match'
import type { Order } from '../../domain/order'
import type { Deed } from './operators'

/** What the channel says its statement (对账单) of a business date holds, under its signature. */
export interface StatementManifest {
  date: string
  /** of the file's bytes, 64 hex characters */
  sha256: string
  bytes: number
  lines: number
  totals: Totals
}

export const STATEMENT_REFUSALS = [
  /** the channel has not cut that day yet */
  'statement-not-ready',
  /** the channel can't be reached, or what answered isn't the channel; try again */
  'statement-unavailable',
  'statement-manifest-malformed',
  'statement-wrong-date',
  'statement-truncated',
  'statement-too-long',
  'statement-tampered',
  'statement-malformed',
  'statement-wrong-totals',
] as const
export type StatementRefusal = (typeof STATEMENT_REFUSALS)[number]

export type FetchedStatement =
  | { kind: 'fetched'; manifest: StatementManifest; file: string; batches(): AsyncIterable<StatementLine[]> }
  | { kind: 'refused'; code: StatementRefusal; detail: string }

export interface StatementSource {
  /**
   * Fetches the statement of a date to disk and checks all of it against its signed manifest before a line is given out:
   * length, hash, date, every line, totals. `batches` reads it back in bounded memory, in the file's order.
   */
  fetchStatement(date: string, onBytes?: (done: number, total: number) => void): Promise<FetchedStatement>
}

export type BeginResult =
  /** lines may be staged; those of an attempt that died are there already, and staging them again changes nothing */
  | { kind: 'begun' }
  /** it was reconciled before, with this same file */
  | { kind: 'again' }
  | { kind: 'refused'; code: BeginRefusal; detail: string }
export type BeginRefusal =
  /** another process is at it */
  | 'reconciliation-running'
  /** the day before isn't reconciled, though an earlier one is: days are reconciled in turn */
  | 'day-before-missing'
  /** a later day is reconciled, and this one isn't */
  | 'day-passed'
  /** it was reconciled with another file: people must look why the channel changed it */
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
  seen: { before: boolean; reversed: boolean }
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
  /** given only when asked for */
  absentEntries: OwnEntry[]
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
  /** our bookings of the date, and of them those that no statement holds yet (carried over 日切 to the next) */
  own: Totals
  carried: Totals
  /** our bookings of other dates that this statement holds */
  ownOtherDays: Totals
  /** orders and refunds that this run ended by the statement's word */
  ended: number
  /** orders of earlier days that no statement holds, which this run ended at the channel */
  closed: number
  /** orders of earlier days still without an ending: the channel didn't answer */
  unanswered: number
  /** lines = balanced + differences, and our bookings = in the statement + carried over: checked leg by leg */
  proven: boolean
}

export interface Reconciliation {
  manifest: StatementManifest
  startedAt: number
  /** ms since the epoch */
  matchedAt: number
  result: ReconciliationResult
  differences: { class: DifferenceClass; state: DifferenceState; count: number }[]
}

/** A day in the list of days. */
export interface ReconciledDay {
  date: string
  lines: number
  /** null: not done */
  matchedAt: number | null
  /** the process at it has the day until then */
  heldUntil: number
  openCount: number
  proven: boolean
  unanswered: number
}

export type ResolveResult =
  | { kind: 'resolved'; difference: Difference }
  | { kind: 'not-found' }
  | { kind: 'already-resolved'; difference: Difference }

/** The channel's statements, staged beside our books, and the differences between the two. */
export interface Reconciliations {
  begin(manifest: StatementManifest, now: number, holdMs: number): Promise<BeginResult>
  /** Says that the process is still at it. */
  hold(date: string, until: number): Promise<void>
  /** Keeps lines; those that are kept already stay. */
  stage(date: string, lines: readonly StatementLine[]): Promise<void>
  /** The sums of what is staged of a date, lines 1 … `lines`; called when all of it is. */
  staged(date: string, lines: number): Promise<Totals>

  /** What is still open here though a line of this statement holds it, by number (the refund's or the order's) after `after`. */
  openMatches(kind: EntryKind, date: string, after: string, limit: number): Promise<OpenMatch[]>
  /** Orders in `paying` made before `createdBefore` that no statement up to `date` holds, by number after `after`. */
  absentPaying(date: string, createdBefore: number, after: string, limit: number): Promise<Order[]>
  /** Lines `from` … `to` of the file, both included, held against our books. */
  matchLines(date: string, from: number, to: number): Promise<MatchedLines>
  /**
   * Our bookings of a kind that ended on `ownDate`, a page in the order of their endings; `absent` are those in no statement
   * up to `date`.
   */
  ownPage(input: {
    kind: EntryKind
    ownDate: string
    date: string
    after: OwnCursor | undefined
    limit: number
    entries: boolean
  }): Promise<OwnPage>
  isMatched(date: string): Promise<boolean>

  /** Keeps differences; one that is kept already stays as it is. Returns how many are new. */
  addDifferences(differences: readonly Difference[]): Promise<number>
  /** Shorts that are still open and that a line of this statement answers. Returns how many. */
  clearShorts(date: string, now: number): Promise<number>
  /** The day is done. The first result stays. `deed`: of the operator who ran it, logged in the same transaction. */
  finish(date: string, result: ReconciliationResult, now: number, deed?: Deed): Promise<void>

  reconciliation(date: string): Promise<Reconciliation | undefined>
  /** Those of the dates `from` … `to` that were begun, newest first. */
  days(from: string, to: string): Promise<ReconciledDay[]>
  /** The last business date that is reconciled. */
  lastMatched(): Promise<string | undefined>
  difference(differenceId: string): Promise<Difference | undefined>
  /** In the order they were found; `after` is the last one's id of the page before. */
  differences(date: string, after: string | undefined, limit: number): Promise<Difference[]>
  /**
   * One transaction, guarded by `state = 'open'`: the decision, and if it is accepted the proposal's entries (each summing to
   * zero, under a correction id of its own) and the refund it proposes, `refunding` and due for the sweeper; and the deed,
   * only if it was this call that decided.
   */
  resolve(input: {
    differenceId: string
    decision: 'accepted' | 'rejected'
    operator: string
    note: string
    now: number
    /** for a proposal that refunds */
    refundNo: string
    businessDate: string
    deed: Deed
  }): Promise<ResolveResult>
}

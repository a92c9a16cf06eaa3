import type { StatementLine, Totals } from '../../domain/match'

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
  /** how long after midnight, in Shanghai, yesterday's is asked for without anybody's doing, ms; null: by hand alone */
  readonly reconcileFromMs: number | null
  /** its days end so long before midnight in Shanghai (日切), ms; what it books later is in the next day's statement */
  readonly cutBeforeMs: number
  /**
   * Fetches the statement of a date to disk and checks all of it against its signed manifest before a line is given out:
   * length, hash, date, every line, totals. `batches` reads it back in bounded memory, in the file's order.
   */
  fetchStatement(date: string, onBytes?: (done: number, total: number) => void): Promise<FetchedStatement>
}

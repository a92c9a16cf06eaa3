/**
 * A day's orders in a file and out of the ledger (decision 0084). Lines are JSON as PostgreSQL writes it and pass through us as text: a
 * channel's word may be what JavaScript would write otherwise.
 */

/** Why a day's file isn't what was written: `unreadable` is the machine's refusal. */
export type ArchiveFaultCode =
  | 'absent'
  | 'unreadable'
  | 'not-gzip'
  | 'cut-off'
  | 'another-format'
  | 'another-date'
  | 'counts-differ'
  | 'line-too-long'
  | 'no-such-line'

/** A day's file isn't there or isn't whole; the message is a sentence for people that names the file. */
export class ArchiveFault extends Error {
  constructor(
    readonly code: ArchiveFaultCode,
    sentence: string,
    options?: ErrorOptions,
  ) {
    super(sentence, options)
    this.name = 'ArchiveFault'
  }
}

/** As it lies there: its name without a folder, SHA-256 in hex, size. */
export interface ArchiveFile {
  file: string
  sha256: string
  bytes: number
}

/** How many lines of each kind a file has between its first and its last. */
export interface ArchiveCounts {
  orders: number
  payerDays: number
}

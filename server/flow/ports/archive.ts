/**
 * A day's orders in a file and out of the ledger (decision 0084). Lines are JSON as PostgreSQL writes it and pass through us as text: a
 * channel's word may be what JavaScript would write otherwise.
 */

/** Why a day's file isn't what was written: `unreadable` is the machine's refusal; `changed`, its hash is another than was noted. */
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
  | 'changed'

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

/**
 * Whoever audits an archived day looks for its orders between the links of that day and of so many after it. One that was open for longer stays
 * in the ledger.
 */
export const LATE_DAYS = 2

/** Why an order of an archived day stays in the ledger for good, or until the next look at it. */
export const STAYING = [
  'refunded',
  'difference',
  'correction',
  'conflict',
  'delivery',
  'asked-about',
  'suspected',
  'held',
  'another-number',
  'no-line',
  'unfinished',
  'unpacked',
  'in-books',
  'unchained',
  'late',
  'changed',
] as const
export type Staying = (typeof STAYING)[number]

/** What has to be done before a day can be archived. `count`: of how many orders or decks; `which`: days of channels, or a moment. */
export type ArchiveObstacle =
  | { code: 'not-sealed' }
  | { code: 'not-reconciled'; which: string[] }
  /** before the first that was reconciled of their channel: they never can be any more, and somebody may pass them over */
  | { code: 'day-passed'; which: string[] }
  | { code: 'orders-open' | 'slots-to-return' | 'not-packed' | 'not-chained' | 'decks-open'; count: number }
  /** news of what ended before `until`, ms, has to be pruned */
  | { code: 'outbox-not-pruned'; until: number }
  | { code: 'cards-not-forgotten' | 'keys-not-pruned' }

/** Who said that days of channels are archived though they were never reconciled, and why. */
export interface PassedOver {
  by: string
  reason: string
}

/** A day whose file is noted. */
export interface ArchivedDay extends ArchiveFile {
  date: string
  orders: number
}

/** A month of which only what stays is left in the ledger. `freedBytes`: the disk's again */
export interface ArchivedMonth {
  name: string
  orders: number
  freedBytes: number
}

/** Who has a table. `pid`: null, a prepared transaction; the others are null where our role may not see them. `since`: its transaction's, ms */
export interface HeldBy {
  pid: number | null
  role: string | null
  program: string | null
  since: number | null
}

/** A month that could have been made small and is as it was, since somebody is at work in it. `archivedAt`: its last day, ms; `triedMs`: so long */
export interface WaitingMonth {
  name: string
  bytes: number
  archivedAt: number | null
  triedMs: number
  /** how to find who has it, in words */
  heldBy: string
}

/** How many rows of a batch of lines went. */
export interface TakenOut {
  orders: number
  payerDays: number
}

/** Another process is archiving, or this one's hold on it is lost; the message says so. */
export class ArchiveHeld extends Error {
  override name = 'ArchiveHeld'
}

/** Days of the ledger on their way to files. @throws LedgerUnavailable, ArchiveHeld */
export interface Archive {
  /** The first day with orders after the last that is noted; null: there is none. */
  next(): Promise<string | null>
  /** Noted days of which not all has been taken out that was to be, the first one first. */
  unfinished(): Promise<ArchivedDay[]>
  obstacles(date: string): Promise<ArchiveObstacle[]>
  /** The lines of a day as of one moment, in batches: orders by their numbers, then payers' days. */
  lines(date: string): AsyncIterable<string[]>
  /** How many of these lines are what their rows would be written as now. */
  same(date: string, lines: readonly string[]): Promise<number>
  /** In one transaction with its deed. `passedOver`: with the days of channels that somebody passed over for it, and their deed. */
  note(day: ArchivedDay, at: number, passedOver?: PassedOver & { days: string[] }): Promise<void>
  /** Takes out what these lines are of, and adds it to what is summed of archived orders; what is another by now, or busy again, stays. */
  takeOut(date: string, lines: readonly string[]): Promise<TakenOut>
  /** Of a day that is archived. */
  staying(date: string): Promise<Partial<Record<Staying, number>>>
  /** Gives back the room of months all of whose dates are before this one and archived. A month that waits is told of, and is the next time's. */
  shrink(before: string, onWaiting: (month: WaitingMonth) => void): Promise<ArchivedMonth[]>
}

/** Where days' files lie. @throws ArchiveFault */
export interface ArchiveFiles {
  write(date: string, lines: AsyncIterable<readonly string[]>): Promise<ArchiveFile & ArchiveCounts>
  read(file: string, date: string): AsyncGenerator<string[], ArchiveCounts>
  /** SHA-256, hex */
  hash(file: string): Promise<string>
}

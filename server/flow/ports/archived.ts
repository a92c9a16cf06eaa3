/** A business date whose orders were written to a file and taken out of the ledger, but for those of which something may still happen. */
export interface ArchivedDate {
  date: string
  /** the file's name, without a folder */
  file: string
}

/** What whoever looks for an order has to know of the archive; the days are archived in turn, from the first on. */
export interface Archived {
  /** Undefined: that date isn't archived. */
  day(date: string): Promise<ArchivedDate | undefined>
  /** The first date that isn't archived; undefined: none is. */
  horizon(): Promise<string | undefined>
}

/** What was asked for takes all orders of a date, and those are archived. */
export class DayArchived extends Error {
  override name = 'DayArchived'
}

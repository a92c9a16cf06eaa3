export interface Clock {
  /** ms since the epoch */
  now(): number
  /**
   * False while clocks that should agree don't: nothing that can't be undone is done then. Left out by a clock that is beyond
   * doubt, as a test's is.
   */
  trusted?(): boolean
  /**
   * A moment by the ledger's own clock, which the ledger can hold it against as it writes; null while that clock is in doubt.
   * Left out by a clock that no ledger goes by.
   */
  byLedger?(at: number): number | null
}

/** Before a campaign is ended, a deck dealt, revealed or closed, an order given up for its age, or anything dropped for its. */
export function isTrusted(clock: Clock): boolean {
  return clock.trusted?.() ?? true
}

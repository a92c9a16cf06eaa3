/**
 * Where the process may die between two steps of pay and finalize, in the order they are passed. For each there is a test that
 * kills a real process there (test/http/payment/crash-points.test.ts); what finishes the work is named beside it.
 */
export const CRASH_POINTS = [
  /** nothing is stored: the payer's retry opens the order */
  'before-open',
  /** stored, its slot only leased, nothing sent: the sweeper confirms the slot, then asks, then closes at the channel */
  'after-open',
  /** nothing sent: the sweeper asks, then closes at the channel */
  'after-confirm',
  /** the channel has answered and nobody has heard: the sweeper asks */
  'after-send',
  /** an answer that ends nothing is kept: the sweeper asks on */
  'after-note',
  /** ended in the ledger: the sweeper gives the slot back, the feed is told by its next poll */
  'after-end',
  /** all is done but the payer hasn't heard: their retry gets the order */
  'after-release',
] as const
export type CrashPoint = (typeof CRASH_POINTS)[number]

export interface CrashDeps {
  /** Called at each point. Absent outside of tests; may end the process, and otherwise does nothing. */
  crashPoint?: ((point: CrashPoint) => void) | undefined
}

/**
 * Nothing of ours waits so long for its turn: the first question comes after a channel's deadline, a minute at the most, and
 * the pauses between questions are shorter. Claims come on top. ms
 */
export const LONGEST_WAIT_MS = 90_000

/**
 * SQL: its time has come, or lies further ahead than `aheadMs`, where only a clock that was ahead can have put it. So what a
 * wrong clock planned doesn't sleep on once it is right again. What is claimed is to lie well within `aheadMs`: another
 * process's clock is a few ms ahead.
 */
export const isDue = (at: string, now: string, aheadMs: string | number = LONGEST_WAIT_MS) =>
  `(${at} <= ${now} or ${at} > ${now} + ${aheadMs})`

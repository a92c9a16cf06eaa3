/** How often somebody may do something: so many times in a window of so many seconds, which begins with the first. */
export interface Limit {
  name: string
  points: number
  seconds: number
}

export interface Allowance {
  allowed: boolean
  /** how often more in this window */
  left: number
  /** until the window ends, ms */
  resetMs: number
}

/** Answers at once and never fails: whatever is wrong where counts are kept, nobody waits for it and no payment is refused for it. */
export interface Limiter {
  /** Counts one more, unless the limit is reached. */
  spend(limit: Limit, who: string): Allowance
  /** As {@link spend} would answer now, without counting. */
  look(limit: Limit, who: string): Allowance
}

/** What all processes counted. Throws where it is away. */
export interface SharedCounts {
  /** Adds so many, in the window that is open there or a new one; answers them all, and when that window ends. */
  add(limit: Limit, who: string, count: number): Promise<{ used: number; resetMs: number }>
}

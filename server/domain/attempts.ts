/**
 * Guesses at a password or a code: how many may be made, and how long nobody may make another. NIST SP 800-63B-4, 3.2.2, allows a
 * hundred in a row; as many are made in the first day by all strangers together, and 20 a day from then on.
 */

/** Wrong in a row from one address, or with one known device; and from wherever strangers come. The last of them locks. */
export const MOST_ALONE = 5
export const MOST_ANYWHERE = 20

/** Where all strangers' guesses of a password are counted. */
export const ANYWHERE = 'password/anywhere'

const FIRST_LOCK_MS = 15 * 60_000
/** A quarter of an hour, an hour, four, sixteen, a day. */
const GROWTH = 4
export const DAY_MS = 86_400_000

export interface Tries {
  tries: number
  lockedUntil: number | null
  /** of the last that was counted */
  at: number
}

/** One more guess, if it may be made: it is counted before it is looked at. A quiet day, and counting begins anew. */
export function attempt(before: Tries, limit: number, now: number): { lockedUntil: number } | { after: Tries } {
  const { lockedUntil } = before
  // What lies beyond the longest lock was set by a clock that was ahead.
  if (lockedUntil !== null && lockedUntil > now && lockedUntil <= now + DAY_MS) return { lockedUntil }
  const tries = ((lockedUntil ?? before.at) + DAY_MS <= now ? 0 : before.tries) + 1
  return { after: { tries, lockedUntil: tries % limit === 0 ? now + lockMs(tries / limit) : null, at: now } }
}

/** The nth lock in a row. */
function lockMs(nth: number): number {
  return Math.min(DAY_MS, FIRST_LOCK_MS * GROWTH ** (nth - 1))
}

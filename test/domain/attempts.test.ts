import { attempt, DAY_MS, MOST_ALONE, MOST_ANYWHERE, type Tries } from '../../server/domain/attempts'

const MINUTE_MS = 60_000
const NOON = Date.parse('2026-11-21T12:00:00+08:00')
const none: Tries = { tries: 0, lockedUntil: null, at: NOON }

/** Everything that somebody gets who guesses whenever they may, from `now` on for so long. */
function guessesIn(limit: number, days: number, from: Tries = none): { guesses: number; end: Tries } {
  let [now, guesses, state] = [NOON, 0, from]
  while (now < NOON + days * DAY_MS) {
    const counted = attempt(state, limit, now)
    if ('lockedUntil' in counted) now = counted.lockedUntil
    else {
      guesses++
      state = counted.after
    }
  }
  return { guesses, end: state }
}

describe('guesses', () => {
  it('are as many as the limit, whose last locks', () => {
    let state = none
    for (let nth = 1; nth <= 5; nth++) {
      const counted = attempt(state, 5, NOON + nth)
      if (!('after' in counted)) throw new Error('refused')
      state = counted.after
    }
    expect(state).toEqual({ tries: 5, lockedUntil: NOON + 5 + 15 * MINUTE_MS, at: NOON + 5 })
    expect(attempt(state, 5, NOON + 5)).toEqual({ lockedUntil: state.lockedUntil })
    expect(attempt(state, 5, state.lockedUntil! - 1)).toEqual({ lockedUntil: state.lockedUntil })
    expect(attempt(state, 5, state.lockedUntil!)).toMatchObject({ after: { tries: 6, lockedUntil: null } })
  })

  it('lock four times as long each time, and a day at the most', () => {
    const locks = [1, 2, 3, 4, 5, 6, 40].map((nth) => {
      const counted = attempt({ tries: 5 * nth - 1, lockedUntil: null, at: NOON }, 5, NOON)
      return 'after' in counted && (counted.after.lockedUntil! - NOON) / MINUTE_MS
    })
    expect(locks).toEqual([15, 60, 240, 960, 1_440, 1_440, 1_440])
  })

  // Written in docs/decisions/0039.
  it.each([
    ['of one address', MOST_ALONE, 25, 5],
    ['of all strangers', MOST_ANYWHERE, 100, 20],
  ])('%s are a hundred at the most on the first day, and few on each after', (_, limit, first, later) => {
    const day = guessesIn(limit, 1)
    expect(day.guesses).toBe(first)
    const year = guessesIn(limit, 365).guesses
    expect(year).toBeLessThanOrEqual(first + 364 * later)
  })

  it('begin anew after a quiet day, and not before', () => {
    const wrong = { tries: 4, lockedUntil: null, at: NOON }
    expect(attempt(wrong, 5, NOON + DAY_MS - 1)).toMatchObject({ after: { tries: 5 } })
    expect(attempt(wrong, 5, NOON + DAY_MS)).toMatchObject({ after: { tries: 1, lockedUntil: null } })
    const locked = { tries: 10, lockedUntil: NOON, at: NOON - 1 }
    expect(attempt(locked, 5, NOON + DAY_MS - 1)).toMatchObject({ after: { tries: 11 } })
    expect(attempt(locked, 5, NOON + DAY_MS)).toMatchObject({ after: { tries: 1 } })
  })

  it('are not refused for longer than the longest lock by a clock that was ahead', () => {
    const ahead = { tries: 5, lockedUntil: NOON + DAY_MS + 1, at: NOON + DAY_MS }
    expect(attempt(ahead, 5, NOON)).toHaveProperty('after')
    expect(attempt({ ...ahead, lockedUntil: NOON + DAY_MS }, 5, NOON)).toEqual({ lockedUntil: NOON + DAY_MS })
  })
})

import type { Allowance, Clock, Limit, Limiter, SharedCounts } from '../flow/ports'

/** So many of each limit; the one begun first leaves. 20,000 are some 4 MB, and a busy minute's payers twice over. */
const MAX_WINDOWS = 20_000
/**
 * From this part of a limit on, others are told and asked: below it no four processes together exceed the limit, and few callers ever
 * come to it, so that most requests cost nothing but a look into a map.
 */
const NEAR = 1 / 4
/** A store that failed is left alone for so long. */
const AWAY_MS = 1_000

interface Window {
  /** in all, as far as is known here */
  used: number
  /** of them, those that the others were not told of */
  untold: number
  /** by the monotonic clock */
  endsAt: number
  telling: boolean
}

/**
 * A {@link Limiter} that counts here, by a clock that never jumps, and tells what all processes share beside the request: an
 * answer from there counts for the next one. So the store may be slow, hang or be away, and what is then exceeded is at most this limit
 * once more for each process. `shared` null: there is one process.
 */
export function limiter(clock: Clock, shared: SharedCounts | null, maxWindows = MAX_WINDOWS): Limiter {
  const byLimit = new Map<string, Map<string, Window>>()
  let awayUntil = Number.NEGATIVE_INFINITY

  function windowsOf({ name }: Limit): Map<string, Window> {
    const windows = byLimit.get(name) ?? new Map<string, Window>()
    byLimit.set(name, windows)
    return windows
  }

  function openWindow(windows: Map<string, Window>, who: string, { seconds }: Limit, now: number): Window {
    const opened = { used: 0, untold: 0, endsAt: now + seconds * 1_000, telling: false }
    // A limit's windows are of one length, so the first in the row ends first, and no timer is needed.
    windows.delete(who)
    windows.set(who, opened)
    for (const [oldest, { endsAt }] of windows) {
      if (endsAt > now && windows.size <= maxWindows) break
      windows.delete(oldest)
    }
    return opened
  }

  async function tell(limit: Limit, who: string, window: Window): Promise<void> {
    const told = window.untold
    window.untold = 0
    window.telling = true
    try {
      const { used, resetMs } = await shared!.add(limit, who, told)
      // A window longer than the limit's: that store's clock was set back. It has nothing to say until it has caught up.
      if (resetMs <= limit.seconds * 1_000) {
        window.used = used + window.untold
        window.endsAt = clock.now() + resetMs
      }
    } catch {
      window.untold += told
      awayUntil = clock.now() + AWAY_MS
    } finally {
      window.telling = false
    }
  }

  return {
    spend(limit, who) {
      const now = clock.now()
      const windows = windowsOf(limit)
      let window = windows.get(who)
      if (!window || window.endsAt <= now) window = openWindow(windows, who, limit, now)
      if (window.used >= limit.points) return allowance(limit, window, now, false)
      window.used++
      window.untold++
      const near = window.used >= limit.points * NEAR
      if (near && shared && !window.telling && awayUntil <= now) void tell(limit, who, window)
      return allowance(limit, window, now, true)
    },
    look(limit, who) {
      const now = clock.now()
      const window = windowsOf(limit).get(who)
      if (!window || window.endsAt <= now) return { allowed: true, left: limit.points, resetMs: 0 }
      return allowance(limit, window, now, window.used < limit.points)
    },
  }
}

function allowance({ points }: Limit, { used, endsAt }: Window, now: number, allowed: boolean): Allowance {
  return { allowed, left: Math.max(0, points - used), resetMs: endsAt - now }
}

const WITHOUT_END: Allowance = { allowed: true, left: Number.POSITIVE_INFINITY, resetMs: 0 }

/** For tests, benches and whoever else means to ask often. */
export const noLimits: Limiter = { spend: () => WITHOUT_END, look: () => WITHOUT_END }

import type { Deed } from '../../../flow/ports'

/** So many of one operator and kind in a minute are written each; a person at the console comes to fewer. */
export const WRITTEN_A_MINUTE = 10
const MINUTE_MS = 60_000

/**
 * Writes what somebody tried and may not do, and keeps a program that tries it in a loop from filling the log, of which nothing can be
 * deleted: beyond ten in a minute they are counted, and the next that is written says how many weren't (`unwritten`). Each kind apart, so
 * that none hides another. Counted here, so of several processes each writes as many.
 */
export function refusalsBy(write: (deed: Deed) => Promise<void>): (deed: Deed) => Promise<void> {
  // Operators are few, and so are kinds.
  const minutes = new Map<string, { from: number; written: number; unwritten: number }>()
  return async (deed) => {
    const kind = `${deed.username} ${deed.action}`
    const before = minutes.get(kind)
    const passed = before === undefined ? MINUTE_MS : deed.at - before.from
    // A clock that was set back begins anew.
    const same = passed >= 0 && passed < MINUTE_MS
    const minute = same ? before! : { from: deed.at, written: 0, unwritten: before?.unwritten ?? 0 }
    minutes.set(kind, minute)
    if (minute.written >= WRITTEN_A_MINUTE) {
      minute.unwritten++
      return
    }
    minute.written++
    const { unwritten } = minute
    minute.unwritten = 0
    await write(unwritten === 0 ? deed : { ...deed, after: { ...(deed.after as object), unwritten } })
  }
}

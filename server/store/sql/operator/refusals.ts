import type { Transaction } from 'kysely'
import type { Deed } from '../../../flow/ports'
import type { DeedLog } from '../deed/log'
import type { Sql } from '../open-sql'
import type { Tables } from '../tables'

/** So many of one operator and kind in a minute are written each; a person at the console comes to fewer. */
export const WRITTEN_A_MINUTE = 10
const MINUTE_MS = 60_000

interface Kept {
  /** before then there is no room in the log */
  fullUntil: number
  unwritten: number
}

/**
 * Writes what somebody tried and may not do, and keeps a program that tries it in a loop from filling the log, of which nothing can be
 * deleted: beyond ten in a minute they are counted, and the next that is written says how many weren't (`unwritten`). Each kind apart, so
 * that none hides another. How many there are the log itself says, so of all processes together it is ten; each tells what it left out. One that
 * knows that there is no room doesn't ask again.
 */
export function refusalsBy(sql: Sql, log: DeedLog): (deed: Deed) => Promise<void> {
  // Operators are few, and so are kinds.
  const kinds = new Map<string, Kept>()
  return async (deed) => {
    const kind = `${deed.username} ${deed.action}`
    const kept = kinds.get(kind) ?? { fullUntil: 0, unwritten: 0 }
    kinds.set(kind, kept)
    if (isFull(kept, deed.at)) {
      kept.unwritten++
      return
    }
    // Whoever writes beside this one tells of none of them.
    const { unwritten } = kept
    kept.unwritten = 0
    const told = unwritten === 0 ? deed : { ...deed, after: { ...(deed.after as object), unwritten } }
    try {
      const fullUntil = await sql.transaction((tx) => writtenUnlessFull(tx, log, told))
      if (fullUntil === null) return
      kept.fullUntil = fullUntil
      kept.unwritten += unwritten + 1
    } catch (error) {
      kept.unwritten += unwritten
      throw error
    }
  }
}

/** A clock that was set back begins anew. */
const isFull = ({ fullUntil }: Kept, at: number) => at < fullUntil && at >= fullUntil - MINUTE_MS

/** Null: it is written; else from when on there is room again. */
async function writtenUnlessFull(tx: Transaction<Tables>, log: DeedLog, deed: Deed): Promise<number | null> {
  // Writers queue here, so that two don't see the same nine; and the clocks of processes are apart.
  await tx.selectFrom('operator_actions_head').select('last_id').forUpdate().execute()
  const lately = await tx
    .selectFrom('operator_actions')
    .select('at')
    .where('at', '>', deed.at - MINUTE_MS)
    .where('at', '<', deed.at + MINUTE_MS)
    .where('username', '=', deed.username)
    .where('action', '=', deed.action)
    .orderBy('at', 'desc')
    .orderBy('action_id', 'desc')
    .offset(WRITTEN_A_MINUTE - 1)
    .limit(1)
    .executeTakeFirst()
  if (lately) return lately.at + MINUTE_MS
  await log.write(tx, deed)
  return null
}

import { sql as raw, type Transaction } from 'kysely'
import { attempt, DAY_MS } from '../../../domain/attempts'
import type { Attempts } from '../../../flow/ports'
import type { Sql } from '../open-sql'
import type { Tables } from '../tables'

/** What was counted so long ago decides nothing any more: the longest lock and the quiet day after it are over. */
const KEPT_MS = 3 * DAY_MS
/** More go than come, whoever makes up names. */
const GOING = 20

/** The {@link Attempts} on PostgreSQL; what is over goes with whoever comes next. */
export function sqlAttempts({ db, transaction }: Sql): Attempts {
  return {
    countAttempt: (name, place, limit, now) =>
      transaction(async (tx) => {
        await raw`
          delete from login_attempts where (name, place) in (
            select name, place from login_attempts where at < ${now - KEPT_MS} limit ${GOING} for update skip locked
          )`.execute(tx)
        const first = { name, place, tries: 0, locked_until: null, at: now }
        // In one statement: whoever logs in meanwhile clears what was counted, and a row that was seen would be gone.
        const {
          tries,
          locked_until: lockedUntil,
          at,
        } = await tx
          .insertInto('login_attempts')
          .values(first)
          .onConflict((conflict) => conflict.columns(['name', 'place']).doUpdateSet({ name }))
          .returning(['tries', 'locked_until', 'at'])
          .executeTakeFirstOrThrow()
        const counted = attempt({ tries, lockedUntil, at }, limit, now)
        if ('lockedUntil' in counted) return counted.lockedUntil
        const after = { tries: counted.after.tries, locked_until: counted.after.lockedUntil, at: now }
        await tx.updateTable('login_attempts').set(after).where('name', '=', name).where('place', '=', place).execute()
        return null
      }),
    async clearAttempts(name, places) {
      await db.deleteFrom('login_attempts').where('name', '=', name).where('place', 'in', places).execute()
    },
  }
}

/**
 * Which locks end. `log-in`: those at the door, which is one administrator's to say. What whoever has shown the password, or holds a session,
 * guesses stays counted (`own`, and codes): or one who may unlock would guess as often as they like, their own second factor too.
 * `password`: those, and of whoever is logged in those at the password that was. `all`: of codes as well, where the second factor goes.
 */
export type Locks = 'log-in' | 'password' | 'all'

export async function forgetAttempts(tx: Transaction<Tables>, username: string, locks: Locks): Promise<void> {
  await tx
    .deleteFrom('login_attempts')
    .where('name', '=', username)
    .$if(locks !== 'all', (some) => some.where('place', 'not like', 'code/%'))
    .$if(locks === 'log-in', (some) => some.where('place', '!=', 'own'))
    .execute()
}

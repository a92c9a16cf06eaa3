import type { Transaction } from 'kysely'
import type { SecondFactors } from '../../../flow/ports'
import type { DeedLog } from '../deed/log'
import type { Sql } from '../open-sql'
import type { Tables } from '../tables'
import { forgetAttempts } from './attempts'

/** The {@link SecondFactors} on PostgreSQL. */
export function sqlSecondFactors({ db, transaction }: Sql, log: DeedLog): SecondFactors {
  return {
    async secondFactor(username) {
      const row = await db
        .selectFrom('operator_factors as f')
        .selectAll('f')
        .select(({ selectFrom, fn }) =>
          selectFrom('operator_recovery_codes as c')
            .select(fn.countAll<number>().as('n'))
            .whereRef('c.username', '=', 'f.username')
            .where('c.used_at', 'is', null)
            .as('left'),
        )
        .where('f.username', '=', username)
        .executeTakeFirst()
      if (!row) return undefined
      const secret = { sealed: row.sealed_secret, keyId: row.key_id }
      return { secret, lastStep: row.last_step, since: row.since, recoveryCodesLeft: Number(row.left) }
    },
    async spendStep(username, step, resealed) {
      const to = { last_step: step, ...(resealed && { sealed_secret: resealed.sealed, key_id: resealed.keyId }) }
      const own = db.updateTable('operator_factors').set(to).where('username', '=', username)
      return (await own.where('last_step', '<', step).executeTakeFirst()).numUpdatedRows === 1n
    },
    spendRecoveryCode: (username, codeHash, deed) =>
      transaction(async (tx) => {
        const code = tx
          .updateTable('operator_recovery_codes')
          .set({ used_at: deed.at })
          .where('username', '=', username)
        const { numUpdatedRows } = await code
          .where('code_hash', '=', codeHash)
          .where('used_at', 'is', null)
          .executeTakeFirst()
        if (numUpdatedRows === 1n) await log.write(tx, deed)
        return numUpdatedRows === 1n
      }),
    enrol: (username, { secret, step, codeHashes, sessionId }, deed) =>
      transaction(async (tx) => {
        await tx.deleteFrom('operator_factors').where('username', '=', username).execute()
        const kept = { sealed_secret: secret.sealed, key_id: secret.keyId, last_step: step, since: deed.at }
        await tx
          .insertInto('operator_factors')
          .values({ username, ...kept })
          .execute()
        const codes = codeHashes.map((code_hash) => ({ username, code_hash, used_at: null }))
        await tx.insertInto('operator_recovery_codes').values(codes).execute()
        await endSessions(tx, username, deed.at, sessionId)
        const own = tx.updateTable('operator_sessions').set({ second_factor: true })
        await own.where('session_id', '=', sessionId).where('username', '=', username).execute()
        await log.write(tx, deed)
      }),
    dropSecondFactor: (username, deed) =>
      transaction(async (tx) => {
        const dropped = await dropFactor(tx, username, deed.at)
        if (dropped) await log.write(tx, deed)
        return dropped
      }),
  }
}

/** With the codes to recover with, the operator's sessions, and every lock. False: there is none. */
export async function dropFactor(tx: Transaction<Tables>, username: string, at: number): Promise<boolean> {
  const dropped = await tx.deleteFrom('operator_factors').where('username', '=', username).executeTakeFirst()
  if (dropped.numDeletedRows === 0n) return false
  await forgetAttempts(tx, username, 'all')
  await endSessions(tx, username, at, null)
  return true
}

async function endSessions(tx: Transaction<Tables>, username: string, at: number, but: string | null): Promise<void> {
  const open = tx.updateTable('operator_sessions').set({ ended_at: at }).where('username', '=', username)
  const others = but === null ? open : open.where('session_id', '!=', but)
  await others.where('ended_at', 'is', null).execute()
}

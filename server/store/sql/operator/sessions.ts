import type { Transaction } from 'kysely'
import type { Deed, NewSession, Sessions } from '../../../flow/ports'
import type { DeedLog } from '../deed/log'
import type { Sql } from '../open-sql'
import type { Tables } from '../tables'
import { know } from './devices'
import { actorOf } from './rows'

/** The {@link Sessions} on PostgreSQL. */
export function sqlSessions(sql: Sql, log: DeedLog): Sessions {
  const { db } = sql
  return {
    openSession: (session, deed) => sql.transaction((tx) => open(tx, log, session, deed)),
    renewSession: (...asked) => sql.transaction((tx) => renew(tx, log, ...asked)),
    async endSession(sessionId, now, deed) {
      await sql.transaction(async (tx) => {
        const session = tx.updateTable('operator_sessions').set({ ended_at: now }).where('session_id', '=', sessionId)
        const { numUpdatedRows } = await session.where('ended_at', 'is', null).executeTakeFirst()
        if (numUpdatedRows > 0n) await log.write(tx, deed)
      })
    },
    async session(sessionId, now) {
      const row = await db
        .selectFrom('operator_sessions as s')
        .innerJoin('operators as o', 'o.username', 's.username')
        .select(['o.username', 'o.name', 'o.roles', 'o.branch_code', 'o.must_change_password', 's.second_factor'])
        .where('s.session_id', '=', sessionId)
        .where('s.ended_at', 'is', null)
        .where('s.expires_at', '>', now)
        .where('o.disabled_at', 'is', null)
        .executeTakeFirst()
      return (
        row && { operator: actorOf(row), mustChangePassword: row.must_change_password, secondFactor: row.second_factor }
      )
    },
  }
}

async function open(
  tx: Transaction<Tables>,
  log: DeedLog,
  { device, ...session }: NewSession,
  deed: Deed,
): Promise<'opened' | 'gone'> {
  const { sessionId, username, refreshHash, now, expiresAt } = session
  const usable = tx.selectFrom('operators').select('username').where('username', '=', username).forUpdate()
  if (!(await usable.where('disabled_at', 'is', null).executeTakeFirst())) return 'gone'
  const inserted = await tx
    .insertInto('operator_sessions')
    .values({
      session_id: sessionId,
      username,
      refresh_hash: refreshHash,
      created_at: now,
      renewed_at: now,
      expires_at: expiresAt,
      ended_at: null,
      second_factor: session.secondFactor,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if (inserted.numInsertedOrUpdatedRows === 0n) return 'gone'
  await know(tx, { username, now, device })
  await tx.updateTable('operators').set({ last_login_at: now }).where('username', '=', username).execute()
  await log.write(tx, deed)
  return 'opened'
}

async function renew(
  tx: Transaction<Tables>,
  log: DeedLog,
  ...[sessionId, refreshHash, nextHash, now]: Parameters<Sessions['renewSession']>
): ReturnType<Sessions['renewSession']> {
  const row = await tx
    .selectFrom('operator_sessions as s')
    .innerJoin('operators as o', 'o.username', 's.username')
    .select(['s.username', 's.refresh_hash', 's.expires_at', 's.ended_at', 's.second_factor', 'o.disabled_at'])
    .where('s.session_id', '=', sessionId)
    .forUpdate('s')
    .executeTakeFirst()
  if (!row || row.ended_at !== null || row.disabled_at !== null || row.expires_at <= now) return { kind: 'ended' }
  const session = tx.updateTable('operator_sessions').where('session_id', '=', sessionId)
  const { username, expires_at: expiresAt, second_factor: secondFactor } = row
  if (row.refresh_hash !== refreshHash) {
    await session.set({ ended_at: now }).execute()
    await log.write(tx, { at: now, username, action: 'session.reused', subject: `operator/${username}` })
    return { kind: 'reused' }
  }
  await session.set({ refresh_hash: nextHash, renewed_at: now }).execute()
  return { kind: 'renewed', username, expiresAt, secondFactor }
}

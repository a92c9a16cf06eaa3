import { sql as raw, type Transaction } from 'kysely'
import type { Deed, OperatorChange, OperatorChanged, OperatorRecord, Operators } from '../../../flow/ports'
import { checkChain, deedRows } from '../deed/chain'
import { type DeedLog, writeDeed } from '../deed/log'
import { violated } from '../errors'
import type { Sql } from '../open-sql'
import type { Tables } from '../tables'
import type { OperatorRow } from '../tables-admin'
import { columnsOf, operatorOf, rowOf } from './rows'
import { sqlSessions } from './sessions'

/** The {@link Operators} on PostgreSQL. Each write and its deed are one transaction. */
export function sqlOperators(sql: Sql, log: DeedLog): Operators {
  const { db } = sql
  return {
    ...sqlSessions(sql, log),
    async operator(username) {
      const row = await db.selectFrom('operators').selectAll().where('username', '=', username).executeTakeFirst()
      return row && operatorOf(row)
    },
    async operatorBySubject(subject) {
      const row = await db.selectFrom('operators').selectAll().where('oidc_subject', '=', subject).executeTakeFirst()
      return row && operatorOf(row)
    },
    async list() {
      return (await db.selectFrom('operators').selectAll().orderBy('username').execute()).map(operatorOf)
    },
    async add(operator, deed) {
      const added = sql.transaction(async (tx) => {
        await tx.insertInto('operators').values(rowOf(operator)).execute()
        await log.write(tx, deed)
        return 'added' as const
      })
      return added.catch((error) => (violated(error, 'unique') ? 'exists' : noBranch(error).kind))
    },
    change: (username, to, deed) => sql.transaction((tx) => change(tx, log, username, to, deed)).catch(noBranch),
    async countAttempt(username, limit, now, lockUntil) {
      const longest = lockUntil + (lockUntil - now) // what lies beyond was set by a clock that was ahead
      // Where a lock has ended counting begins anew. One that is on stays as it is: nobody is locked out longer by trying.
      const { rows } = await raw<{ was: number | null }>`
        with before as (select username, failed_logins, locked_until from operators where username = ${username} for update),
        counted as (
          update operators o set
            failed_logins = n.tries,
            locked_until = case when n.tries >= ${limit} then ${lockUntil}::bigint end
          from (
            select username, case when locked_until is null then failed_logins else 0 end + 1 as tries
            from before where locked_until is null or locked_until <= ${now} or locked_until > ${longest}
          ) n
          where o.username = n.username
        )
        select locked_until as was from before`.execute(db)
      const was = rows[0]?.was ?? null
      return was !== null && was > now && was <= longest ? was : null
    },
    deeds: (filter) => deedRows(db, filter),
    log: (deed) => writeDeed(sql, log, deed),
    checkChain: () => checkChain(sql, log),
  }
}

async function change(
  tx: Transaction<Tables>,
  log: DeedLog,
  username: string,
  to: OperatorChange,
  deedOf: (before: OperatorRecord) => Deed,
): Promise<OperatorChanged> {
  // All at once and in one order: of two administrators who disable each other, the second must see what the first did.
  const rows = await tx.selectFrom('operators').selectAll().orderBy('username').forUpdate().execute()
  const before = rows.find((row) => row.username === username)
  if (!before) return { kind: 'not-found' }
  const columns = columnsOf(to)
  const after = { ...before, ...columns }
  if (Object.keys(columns).length === 0) return { kind: 'changed', operator: operatorOf(before) }
  const admins = rows.map((row) => (row === before ? after : row)).filter(isAdmin)
  if (isAdmin(before) && admins.length === 0) return { kind: 'last-admin' }
  const deed = deedOf(operatorOf(before))
  await tx.updateTable('operators').set(columns).where('username', '=', username).execute()
  if (to.roles || to.branchCode !== undefined || to.passwordHash || to.disabledAt) {
    const own = tx.updateTable('operator_sessions').set({ ended_at: deed.at })
    await own.where('username', '=', username).where('ended_at', 'is', null).execute()
  }
  await log.write(tx, deed)
  return { kind: 'changed', operator: operatorOf(after) }
}

/** One of a single branch can't let anyone in. */
function isAdmin(row: OperatorRow): boolean {
  return row.roles.includes('admin') && row.branch_code === null && row.disabled_at === null
}

function noBranch(error: unknown): { kind: 'branch-not-found' } {
  if (violated(error, 'foreign-key')) return { kind: 'branch-not-found' }
  throw error
}

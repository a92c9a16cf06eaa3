import type { Kysely, Transaction } from 'kysely'
import { ANYWHERE } from '../../../domain/attempts'
import type { Deed, OperatorChange, OperatorChanged, OperatorRecord, Operators } from '../../../flow/ports'
import { checkChain, deedRows } from '../deed/chain'
import { type DeedLog, writeDeed } from '../deed/log'
import { violated } from '../errors'
import type { Sql } from '../open-sql'
import type { Tables } from '../tables'
import type { OperatorRow } from '../tables-admin'
import { forgetAttempts, sqlAttempts } from './attempts'
import { forgetDevices, sqlDevices } from './devices'
import { columnsOf, operatorOf, rowOf } from './rows'
import { sqlSessions } from './sessions'

/** The {@link Operators} on PostgreSQL. Each write and its deed are one transaction. */
export function sqlOperators(sql: Sql, log: DeedLog): Operators {
  const { db } = sql
  return {
    ...sqlAttempts(sql),
    ...sqlDevices(sql),
    ...sqlSessions(sql, log),
    async operator(username) {
      const row = await people(db).where('o.username', '=', username).executeTakeFirst()
      return row && operatorOf(row)
    },
    async operatorBySubject(subject) {
      const row = await people(db).where('o.oidc_subject', '=', subject).executeTakeFirst()
      return row && operatorOf(row)
    },
    async list() {
      return (await people(db).orderBy('o.username').execute()).map(operatorOf)
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
    unlock: (username, deed) => sql.transaction((tx) => unlock(tx, log, username, deed)),
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
  const rows = await people(tx).orderBy('o.username').forUpdate('o').execute()
  const before = rows.find((row) => row.username === username)
  if (!before) return { kind: 'not-found' }
  const columns = columnsOf(to)
  const fresh = to.passwordHash !== undefined || to.disabledAt != null
  const after = { ...before, ...columns, ...(fresh && { locked_until: null }) }
  if (Object.keys(columns).length === 0) return { kind: 'changed', operator: operatorOf(before) }
  const admins = rows.map((row) => (row === before ? after : row)).filter(isAdmin)
  if (isAdmin(before) && admins.length === 0) return { kind: 'last-admin' }
  const deed = deedOf(operatorOf(before))
  await tx.updateTable('operators').set(columns).where('username', '=', username).execute()
  if (to.roles || to.branchCode !== undefined || to.passwordHash || to.disabledAt) {
    const own = tx.updateTable('operator_sessions').set({ ended_at: deed.at })
    await own.where('username', '=', username).where('ended_at', 'is', null).execute()
  }
  if (fresh) {
    await forgetDevices(tx, username)
    await forgetAttempts(tx, username)
  }
  await log.write(tx, deed)
  return { kind: 'changed', operator: operatorOf(after) }
}

async function unlock(tx: Transaction<Tables>, log: DeedLog, username: string, deed: Deed): Promise<OperatorChanged> {
  const row = await people(tx).where('o.username', '=', username).forUpdate('o').executeTakeFirst()
  if (!row) return { kind: 'not-found' }
  await forgetAttempts(tx, username)
  await log.write(tx, deed)
  return { kind: 'changed', operator: operatorOf({ ...row, locked_until: null }) }
}

/** Operators, with the lock on strangers' log-ins by their names. */
function people(db: Kysely<Tables>) {
  return db
    .selectFrom('operators as o')
    .leftJoin('login_attempts as a', (join) => join.onRef('a.name', '=', 'o.username').on('a.place', '=', ANYWHERE))
    .selectAll('o')
    .select('a.locked_until')
}

/** One of a single branch can't let anyone in. */
function isAdmin(row: Pick<OperatorRow, 'roles' | 'branch_code' | 'disabled_at'>): boolean {
  return row.roles.includes('admin') && row.branch_code === null && row.disabled_at === null
}

function noBranch(error: unknown): { kind: 'branch-not-found' } {
  if (violated(error, 'foreign-key')) return { kind: 'branch-not-found' }
  throw error
}

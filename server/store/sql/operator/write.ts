import type { Kysely, Selectable, Transaction } from 'kysely'
import { ANYWHERE } from '../../../domain/attempts'
import { isAdministrator } from '../../../domain/operator'
import type { OperatorChange } from '../../../flow/ports'
import type { Tables } from '../tables'
import type { OperatorRow } from '../tables-admin'
import { forgetAttempts } from './attempts'
import { forgetDevices } from './devices'
import { columnsOf } from './rows'

/** Operators as they are changed, whether at once or by a review. */

/** Operators, with the lock on strangers' log-ins by their names, and their second factors. */
export function people(db: Kysely<Tables>) {
  return db
    .selectFrom('operators as o')
    .leftJoin('login_attempts as a', (join) => join.onRef('a.name', '=', 'o.username').on('a.place', '=', ANYWHERE))
    .leftJoin('operator_factors as f', 'f.username', 'o.username')
    .selectAll('o')
    .select(['a.locked_until', 'f.since as factor_since'])
}

/** All at once and in one order: of two administrators who disable each other, the second must see what the first did. */
export const lockPeople = (tx: Transaction<Tables>) => people(tx).orderBy('o.username').forUpdate('o').execute()

type Row = Pick<Selectable<OperatorRow>, 'username' | 'roles' | 'branch_code' | 'disabled_at'>

/** True when nobody would be left who could let anyone in. */
export function lastAdmin(rows: readonly Row[], username: string, to: OperatorChange): boolean {
  const after = (row: Row) => (row.username === username ? { ...row, ...columnsOf(to) } : row)
  return rows.some((row) => row.username === username && isAdmin(row)) && !rows.map(after).some(isAdmin)
}

const isAdmin = ({ roles, branch_code, disabled_at }: Row) =>
  isAdministrator({ roles, branchCode: branch_code }) && disabled_at === null

/** Writes it, and ends what went with what was: sessions, and of another password or of one shut out, known browsers and locks too, but those of codes. */
export async function writeOperator(
  tx: Transaction<Tables>,
  username: string,
  to: OperatorChange,
  at: number,
): Promise<{ fresh: boolean }> {
  await tx.updateTable('operators').set(columnsOf(to)).where('username', '=', username).execute()
  if (to.roles || to.branchCode !== undefined || to.passwordHash || to.disabledAt) {
    const own = tx.updateTable('operator_sessions').set({ ended_at: at })
    await own.where('username', '=', username).where('ended_at', 'is', null).execute()
  }
  const fresh = to.passwordHash !== undefined || to.disabledAt != null
  if (fresh) {
    await forgetDevices(tx, username)
    await forgetAttempts(tx, username, to.passwordHash === undefined ? 'log-in' : 'password')
  }
  return { fresh }
}

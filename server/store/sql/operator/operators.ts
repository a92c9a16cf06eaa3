import type { Transaction } from 'kysely'
import type { Deed, OperatorChange, OperatorChanged, OperatorRecord, Operators } from '../../../flow/ports'
import { checkChain, countDeeds, deedRows } from '../deed/chain'
import { type DeedLog, writeDeed } from '../deed/log'
import { violated } from '../errors'
import type { Sql } from '../open-sql'
import type { Tables } from '../tables'
import { forgetAttempts, sqlAttempts } from './attempts'
import { sqlDevices } from './devices'
import { refusalsBy } from './refusals'
import { columnsOf, operatorOf, rowOf } from './rows'
import { sqlSecondFactors } from './second-factor'
import { sqlSessions } from './sessions'
import { lastAdmin, lockPeople, people, writeOperator } from './write'

/** The {@link Operators} on PostgreSQL. Each write and its deed are one transaction. */
export function sqlOperators(sql: Sql, log: DeedLog): Operators {
  const { db } = sql
  return {
    ...sqlAttempts(sql),
    ...sqlDevices(sql),
    ...sqlSessions(sql, log),
    ...sqlSecondFactors(sql, log),
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
    countDeeds: (filter, most) => countDeeds(db, filter, most),
    log: (deed) => writeDeed(sql, log, deed),
    logRefusal: refusalsBy(sql, log),
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
  const rows = await lockPeople(tx)
  const before = rows.find((row) => row.username === username)
  if (!before) return { kind: 'not-found' }
  const columns = columnsOf(to)
  if (Object.keys(columns).length === 0) return { kind: 'changed', operator: operatorOf(before) }
  if (lastAdmin(rows, username, to)) return { kind: 'last-admin' }
  const deed = deedOf(operatorOf(before))
  const { fresh } = await writeOperator(tx, username, to, deed.at)
  await log.write(tx, deed)
  return { kind: 'changed', operator: operatorOf({ ...before, ...columns, ...(fresh && { locked_until: null }) }) }
}

async function unlock(tx: Transaction<Tables>, log: DeedLog, username: string, deed: Deed): Promise<OperatorChanged> {
  const row = await people(tx).where('o.username', '=', username).forUpdate('o').executeTakeFirst()
  if (!row) return { kind: 'not-found' }
  await forgetAttempts(tx, username, 'log-in')
  await log.write(tx, deed)
  return { kind: 'changed', operator: operatorOf({ ...row, locked_until: null }) }
}

function noBranch(error: unknown): { kind: 'branch-not-found' } {
  if (violated(error, 'foreign-key')) return { kind: 'branch-not-found' }
  throw error
}

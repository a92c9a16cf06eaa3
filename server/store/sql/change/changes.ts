import { sql as raw } from 'kysely'
import type { Changes } from '../../../flow/ports'
import { analyze } from '../analyze'
import type { DeedLog } from '../deed/log'
import type { Sql } from '../open-sql'
import { askChange } from './ask'
import { accountChange, requestLines } from './lines'
import { REQUEST_COLUMNS, requestOf } from './rows'
import { applyChange, stepChange } from './step'

/** The {@link Changes} on PostgreSQL. */
export function sqlChanges(sql: Sql, deeds: DeedLog): Changes {
  const { db } = sql
  return {
    ask: (request, deed) => askChange(sql, deeds, request, deed),
    async find(changeId) {
      const query = db.selectFrom('change_requests').select(REQUEST_COLUMNS).where('change_id', '=', changeId)
      const row = await query.executeTakeFirst()
      return row && requestOf(row)
    },
    async secretOf(changeId) {
      const query = db.selectFrom('change_requests').select('secret').where('change_id', '=', changeId)
      return (await query.executeTakeFirst())?.secret ?? null
    },
    async list({ branchCode, kinds, states, before, limit }) {
      if (kinds.length === 0) return []
      let query = db
        .selectFrom('change_requests')
        .select(REQUEST_COLUMNS)
        .where('kind', 'in', [...kinds])
      if (branchCode !== null) query = query.where('branch_code', '=', branchCode)
      if (states) query = query.where('state', 'in', [...states])
      if (before) query = query.where(raw<boolean>`(asked_at, change_id) < (${before.askedAt}, ${before.changeId})`)
      const rows = await query.orderBy('asked_at', 'desc').orderBy('change_id', 'desc').limit(limit).execute()
      return rows.map(requestOf)
    },
    lines: (changeId, after, limit) => requestLines(db, changeId, after, limit),
    async step(input) {
      const stepped = await stepChange(sql, deeds, input)
      if (stepped.kind === 'stepped') await analyzed(sql, stepped.request)
      return stepped
    },
    async due(now, limit) {
      const query = db.selectFrom('change_requests').select('change_id').where('state', '=', 'approved')
      const rows = await query.where('effective_at', '<=', now).orderBy('effective_at').limit(limit).execute()
      return rows.map((row) => row.change_id)
    },
    async apply(changeId, now) {
      const request = await applyChange(sql, deeds, changeId, now)
      if (request) await analyzed(sql, request)
      return request
    },
    accountChange: (merchantCode, since) => accountChange(db, merchantCode, since),
  }
}

/** Merchants by the thousand change how they are best looked up. */
async function analyzed(sql: Sql, { state, lineCount }: { state: string; lineCount: number }): Promise<void> {
  if (state === 'applied') await analyze(sql, ['merchants'], lineCount)
}

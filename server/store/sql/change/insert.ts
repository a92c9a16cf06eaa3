import { kindRules } from '../../../domain/change'
import type { NewRequest } from '../../../flow/ports'
import { Refused } from '../refused'
import type { Tx } from './kind'

/** The row of one that is asked for. @throws Refused `change-open` when another of its kind waits for the subject */
export async function insertRequest(tx: Tx, request: NewRequest, before: unknown): Promise<void> {
  const { changeId, kind, subject, branchCode, after, note, askedBy, askedAt, authors = [], secret = null } = request
  const row = {
    change_id: changeId,
    kind,
    subject,
    branch_code: branchCode,
    before: before === null ? null : JSON.stringify(before),
    after: JSON.stringify(after),
    delayed: kindRules(kind).delayed,
    secret,
    note,
    asked_by: askedBy,
    asked_at: askedAt,
    authors: [...authors],
    state: 'open' as const,
    reviewed_by: null,
    reviewed_at: null,
    review_note: null,
    effective_at: null,
    reason: null,
  }
  const inserted = await tx
    .insertInto('change_requests')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if (inserted.numInsertedOrUpdatedRows === 0n) throw new Refused({ kind: 'refused', fault: { code: 'change-open' } })
}

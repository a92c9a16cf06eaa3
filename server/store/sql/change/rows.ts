import type { Selectable } from 'kysely'
import type { ChangeRequest } from '../../../domain/change'
import type { ChangeRow } from '../tables-admin'

/** All but the secret. */
export const REQUEST_COLUMNS = [
  'change_id',
  'kind',
  'subject',
  'branch_code',
  'before',
  'after',
  'line_count',
  'delayed',
  'note',
  'asked_by',
  'asked_at',
  'authors',
  'state',
  'reviewed_by',
  'reviewed_at',
  'review_note',
  'effective_at',
  'reason',
  'revision',
] as const

export function requestOf(row: Selectable<ChangeRow>): ChangeRequest {
  return {
    changeId: row.change_id,
    kind: row.kind,
    subject: row.subject,
    branchCode: row.branch_code,
    before: row.before ?? null,
    after: row.after,
    lineCount: row.line_count,
    delayed: row.delayed,
    note: row.note,
    askedBy: row.asked_by,
    askedAt: row.asked_at,
    authors: row.authors,
    state: row.state,
    reviewedBy: row.reviewed_by,
    reviewedAt: row.reviewed_at,
    reviewNote: row.review_note,
    effectiveAt: row.effective_at,
    reason: row.reason,
    revision: row.revision,
  }
}

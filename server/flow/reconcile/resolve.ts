import { businessDate } from '../../domain/business-date'
import type { Difference } from '../../domain/difference'
import { newRefundNo } from '../../domain/refund'
import type { Clock, Random, Reconciliations } from '../ports'

export interface ResolveDeps {
  reconciliations: Pick<Reconciliations, 'resolve'>
  clock: Clock
  random: Random
}

export type ResolveOutcome =
  | { kind: 'resolved'; difference: Difference }
  | { kind: 'refused'; code: 'difference-not-found' | 'note-missing' }
  /** somebody decided before; how, stands in it */
  | { kind: 'refused'; code: 'already-resolved'; difference: Difference }

/**
 * An operator's decision on a difference, once. `accept`: the bank's record is right, so the proposed entries are appended to
 * the books (红冲 and new postings; nothing is edited), and a proposed refund is stored for the sweeper to send. `reject`: our
 * books are right and stay; the note says how the bank puts its own right, so it may not be empty.
 */
export async function resolveDifference(
  deps: ResolveDeps,
  differenceId: string,
  decision: 'accept' | 'reject',
  operator: string,
  note: string,
): Promise<ResolveOutcome> {
  if (decision === 'reject' && note.trim() === '') return { kind: 'refused', code: 'note-missing' }
  const now = deps.clock.now()
  const date = businessDate(now)
  const result = await deps.reconciliations.resolve({
    differenceId,
    decision: decision === 'accept' ? 'accepted' : 'rejected',
    operator,
    note,
    now,
    refundNo: newRefundNo(date, deps.random(12)),
    businessDate: date,
    deed: {
      at: now,
      username: operator,
      action: `difference.${decision}`,
      subject: `difference/${differenceId}`,
      before: { state: 'open' },
      after: { state: decision === 'accept' ? 'accepted' : 'rejected', note },
    },
  })
  if (result.kind === 'resolved') return result
  if (result.kind === 'already-resolved') return { kind: 'refused', code: result.kind, difference: result.difference }
  return { kind: 'refused', code: 'difference-not-found' }
}

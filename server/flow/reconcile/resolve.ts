import { businessDate } from '../../domain/business-date'
import { type Difference, isAcceptable } from '../../domain/difference'
import { newRefundNo } from '../../domain/refund'
import type { FinalizeDeps } from '../payment/finalize'
import type { Clock, Random, Reconciliations } from '../ports'
import type { FinalizeRefundDeps } from '../refund/refund'
import { endAsDecided } from './end'

export interface ProposeDeps {
  reconciliations: Pick<Reconciliations, 'propose'>
  clock: Clock
}

export interface ResolveDeps extends FinalizeDeps, FinalizeRefundDeps {
  reconciliations: Pick<Reconciliations, 'difference' | 'resolve'>
  random: Random
}

export type ResolveOutcome =
  | { kind: 'resolved'; difference: Difference }
  | { kind: 'refused'; code: 'difference-not-found' | 'note-missing' | AcceptRefusal }
  /** somebody decided before; how, stands in it */
  | { kind: 'refused'; code: 'already-resolved'; difference: Difference }

export type AcceptRefusal =
  /** it gives money back, and nobody has proposed that */
  | 'not-proposed'
  /** the one who proposed it can't accept it too */
  | 'own-proposal'
  /** only the channel can put it right (`isAcceptable`) */
  | 'not-acceptable'
  /** what was open when it was found has ended otherwise since */
  | 'ended-otherwise'

/**
 * An operator's decision on a difference, once. `accept`: the bank's record is right, so the proposed entries are appended to
 * the books (红冲 and new postings; nothing is edited), and a proposed refund is stored for the sweeper to send — that only after
 * another operator has proposed it. What was open here and found booked for another amount is ended first. `reject`: our books are right and stay; the note says how the bank puts its own right, so
 * it may not be empty, and the difference waits until a later statement shows it.
 */
export async function resolveDifference(
  deps: ResolveDeps,
  differenceId: string,
  decision: 'accept' | 'reject',
  operator: string,
  note: string,
): Promise<ResolveOutcome> {
  if (decision === 'reject' && note.trim() === '') return { kind: 'refused', code: 'note-missing' }
  const refusal = decision === 'accept' ? await beforeAccepting(deps, differenceId, operator) : undefined
  if (refusal) return { kind: 'refused', code: refusal }
  const now = deps.clock.now()
  const date = businessDate(now)
  const state = decision === 'accept' ? 'accepted' : 'rejected'
  const result = await deps.reconciliations.resolve({
    differenceId,
    decision: state,
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
      after: { state, note },
    },
  })
  switch (result.kind) {
    case 'resolved':
      return result
    case 'already-resolved':
      return { kind: 'refused', code: result.kind, difference: result.difference }
    case 'not-proposed':
    case 'own-proposal':
      return { kind: 'refused', code: result.kind }
    case 'not-found':
      return { kind: 'refused', code: 'difference-not-found' }
  }
}

/**
 * Why it can't be accepted, or undefined; then what was open has ended. A crash after that leaves a difference to be accepted
 * again. Whether it is still undecided, and by whom it was proposed, the decision itself asks once more.
 */
async function beforeAccepting(
  deps: ResolveDeps,
  differenceId: string,
  operator: string,
): Promise<AcceptRefusal | undefined> {
  const one = await deps.reconciliations.difference(differenceId)
  if (one?.state !== 'open') return undefined
  if (!isAcceptable(one)) return 'not-acceptable'
  if (one.proposal.refund && one.proposedBy === null) return 'not-proposed'
  if (one.proposal.refund && one.proposedBy === operator) return 'own-proposal'
  if (one.own?.state !== 'open' || !one.line || one.proposal.entries.length === 0) return undefined
  return (await endAsDecided(deps, one.line)) ? undefined : 'ended-otherwise'
}

export type ProposeOutcome =
  | { kind: 'proposed'; difference: Difference }
  | { kind: 'refused'; code: 'difference-not-found' | 'nothing-to-propose' }
  | { kind: 'refused'; code: 'already-resolved' | 'already-proposed'; difference: Difference }

/** Asks for a correction that gives a payer's money back (经办). It takes effect when another operator accepts it (复核). */
export async function proposeCorrection(
  deps: ProposeDeps,
  differenceId: string,
  operator: string,
): Promise<ProposeOutcome> {
  const now = deps.clock.now()
  const result = await deps.reconciliations.propose({
    differenceId,
    operator,
    now,
    deed: { at: now, username: operator, action: 'difference.propose', subject: `difference/${differenceId}` },
  })
  switch (result.kind) {
    case 'proposed':
      return result
    case 'already-resolved':
    case 'already-proposed':
      return { kind: 'refused', code: result.kind, difference: result.difference }
    case 'nothing-to-propose':
      return { kind: 'refused', code: result.kind }
    case 'not-found':
      return { kind: 'refused', code: 'difference-not-found' }
  }
}

import { businessDate } from '../../domain/business-date'
import { type Difference, isAcceptable } from '../../domain/difference'
import { newRefundNo } from '../../domain/refund'
import type { FinalizeDeps } from '../payment/finalize'
import type { Clock, Operators, Random, Reconciliations } from '../ports'
import type { FinalizeRefundDeps } from '../refund/refund'
import { endAsDecided } from './end'

export interface ProposeDeps {
  reconciliations: Pick<Reconciliations, 'propose' | 'difference'>
  clock: Clock
}

export interface ResolveDeps extends FinalizeDeps, FinalizeRefundDeps {
  reconciliations: Pick<Reconciliations, 'difference' | 'resolve'>
  operators: Pick<Operators, 'logRefusal'>
  random: Random
}

export interface Deciding {
  operator: string
  /** the one that was looked at */
  revision: number
}

export type ResolveOutcome =
  | { kind: 'resolved'; difference: Difference }
  | { kind: 'refused'; code: 'difference-not-found' | 'note-missing' | 'revision-changed' | AcceptRefusal }
  /** somebody decided before; how, stands in it */
  | { kind: 'refused'; code: 'already-resolved'; difference: Difference }

export type AcceptRefusal =
  /** it changes the books, and nobody has proposed that */
  | 'not-proposed'
  /** the one who proposed it can't accept it too */
  | 'own-proposal'
  /** only the channel can put it right (`isAcceptable`) */
  | 'not-acceptable'
  /** what was open when it was found has ended otherwise since */
  | 'ended-otherwise'

/**
 * An operator's decision on a difference, once. `accept`: the bank's record is right, so the proposed entries are appended to
 * the books (红冲 and new postings; nothing is edited), and a proposed refund is stored for the sweeper to send — only after another
 * operator has proposed it (I12). What was open here and found booked for another amount is ended first. `reject`: our books are right and stay,
 * which takes one; the note says how the bank puts its own right, so it may not be empty, and the difference waits until a later
 * statement shows it.
 */
export async function resolveDifference(
  deps: ResolveDeps,
  differenceId: string,
  decision: 'accept' | 'reject',
  { operator, revision, note }: Deciding & { note: string },
): Promise<ResolveOutcome> {
  if (decision === 'reject' && note.trim() === '') return { kind: 'refused', code: 'note-missing' }
  const refusal = decision === 'accept' ? await beforeAccepting(deps, differenceId, { operator, revision }) : undefined
  if (refusal === 'own-proposal') await logAttempt(deps, differenceId, operator)
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
    revision,
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
    case 'revision-changed':
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
  { operator, revision }: Deciding,
): Promise<AcceptRefusal | 'revision-changed' | undefined> {
  const one = await deps.reconciliations.difference(differenceId)
  if (one?.state !== 'open') return undefined
  if (!isAcceptable(one)) return 'not-acceptable'
  if (one.proposedBy === null) return 'not-proposed'
  if (one.proposedBy === operator) return 'own-proposal'
  if (one.revision !== revision) return 'revision-changed'
  if (one.own?.state !== 'open' || !one.line || one.proposal.entries.length === 0) return undefined
  return (await endAsDecided(deps, one.line)) ? undefined : 'ended-otherwise'
}

/** Who accepts their own is refused, and it is seen that they tried. */
function logAttempt({ operators, clock }: ResolveDeps, differenceId: string, username: string): Promise<void> {
  const after = { verb: 'accept', code: 'own-proposal' }
  return operators.logRefusal({
    at: clock.now(),
    username,
    action: 'difference.refuse',
    subject: `difference/${differenceId}`,
    after,
  })
}

export type ProposeOutcome =
  | { kind: 'proposed'; difference: Difference }
  | { kind: 'refused'; code: 'difference-not-found' | 'not-acceptable' | 'revision-changed' }
  | { kind: 'refused'; code: 'already-resolved' | 'already-proposed'; difference: Difference }

/** Asks for a correction (经办). It takes effect when another operator accepts it (复核); until then the difference is open. */
export async function proposeCorrection(
  deps: ProposeDeps,
  differenceId: string,
  { operator, revision }: Deciding,
): Promise<ProposeOutcome> {
  const one = await deps.reconciliations.difference(differenceId)
  if (one?.state === 'open' && !isAcceptable(one)) return { kind: 'refused', code: 'not-acceptable' }
  const now = deps.clock.now()
  const result = await deps.reconciliations.propose({
    differenceId,
    operator,
    now,
    revision,
    deed: { at: now, username: operator, action: 'difference.propose', subject: `difference/${differenceId}` },
  })
  switch (result.kind) {
    case 'proposed':
      return result
    case 'already-resolved':
    case 'already-proposed':
      return { kind: 'refused', code: result.kind, difference: result.difference }
    case 'revision-changed':
      return { kind: 'refused', code: result.kind }
    case 'not-found':
      return { kind: 'refused', code: 'difference-not-found' }
  }
}

import { type ChangeRequest, refusesVerdict } from '../../domain/change'
import type { Operator } from '../../domain/operator'
import type { ChangeRequestView } from '../contract'
import { iso, isoOrNull } from './iso'

/** A change request as the operator may see it, with what they may do about it. */
export function presentChange(request: ChangeRequest, operator: Operator): ChangeRequestView {
  const { authors: _, askedAt, reviewedAt, effectiveAt, ...rest } = request
  return {
    ...rest,
    askedAt: iso(askedAt),
    reviewedAt: isoOrNull(reviewedAt),
    effectiveAt: isoOrNull(effectiveAt),
    mayApprove: refusesVerdict(operator, request, 'approve') === null,
    mayReject: refusesVerdict(operator, request, 'reject') === null,
    mayWithdraw: refusesVerdict(operator, request, 'withdraw') === null,
  }
}

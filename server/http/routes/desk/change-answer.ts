import type { Operator } from '../../../domain/operator'
import type { AskResult, ChangeRefusal } from '../../../flow/change/ask'
import type { AskedChange } from '../../contract'
import { presentChange } from '../../present/change'
import { HttpProblem, type ProblemCode } from '../../problem'
import type { ReplyHeaders } from '../../route'

/** How routes answer that something waits for another operator now. */

/** What asking for any change can be refused with. */
export const ASK_PROBLEMS = ['own-change', 'self-change', 'change-open', 'nothing-changes'] as const

/** 202 with the change that was asked for. */
export function answerAsked(
  result: AskResult,
  operator: Operator,
  reply: (headers: ReplyHeaders) => void,
): AskedChange {
  if (result.kind === 'refused') throw changeProblem(result)
  reply({ status: 202, etag: result.request.revision })
  return { change: presentChange(result.request, operator), half: result.half }
}

const FIELDS: Partial<Record<ChangeRefusal['code'], string>> = { 'roles-apart': 'roles' }

const CODES: Partial<Record<ChangeRefusal['code'], ProblemCode>> = {
  'not-yours': 'role-refused',
  'branch-alike': 'branch-exists',
  'account-taken': 'account-refused',
  'subject-missing': 'not-found',
  'subject-changed': 'revision-changed',
  'merchant-alike': 'revision-changed',
  'person-disabled': 'revision-changed',
}

/** The refusal as a problem; what is finer than its code is its reason. */
export function changeProblem({ code, field = FIELDS[code] }: ChangeRefusal): HttpProblem {
  const known = CODES[code]
  return known
    ? new HttpProblem(known, { field, reason: code })
    : new HttpProblem(code as Exclude<ChangeRefusal['code'], keyof typeof CODES> & ProblemCode, { field })
}

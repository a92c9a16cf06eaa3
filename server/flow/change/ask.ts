import { type ChangeRequest, type RequestRefusal, refusesAsking, sayable } from '../../domain/change'
import type { Operator } from '../../domain/operator'
import type { Changes, Clock, NewRequest, Operators, RequestFaultCode } from '../ports'
import { firstHalf, type SecretDeps } from './secret'

/** One operator asks, another reviews, and then it takes effect (I12). This is the asking. */

export interface ChangeDeps extends SecretDeps {
  changes: Changes
  operators: Pick<Operators, 'logRefusal'>
  clock: Clock
  /** how long money that goes elsewhere waits after approval */
  changeDelayMs: number
}

export interface ChangeRefusal {
  kind: 'refused'
  code: RequestRefusal | RequestFaultCode | 'change-not-found' | 'revision-changed' | 'secret-lost' | 'roles-apart'
  field?: string | undefined
}

export type AskResult =
  /** `half`: of a secret, to be told to whoever it is for; null: there is none */
  { kind: 'asked'; request: ChangeRequest; half: string | null } | ChangeRefusal

export type Wanted = Pick<NewRequest, 'kind' | 'subject' | 'branchCode' | 'after' | 'note' | 'authors'> & {
  /** of a kind that has one: they come in without it */
  withoutSecret?: boolean
}

export const newChangeId = ({ random }: Pick<ChangeDeps, 'random'>) => `R${Buffer.from(random(8)).toString('hex')}`

/** Asks for a change that another operator must approve. What is refused is in the log. */
export async function askForChange(
  deps: ChangeDeps,
  operator: Operator,
  { withoutSecret = false, ...wanted }: Wanted,
): Promise<AskResult> {
  const refused = refusesAsking(operator, wanted)
  if (refused) return logRefusal(deps, operator, { ...wanted, verb: 'ask' }, refused)
  const { kind, subject, after, note } = wanted
  const changeId = newChangeId(deps)
  const secret = withoutSecret ? null : firstHalf(deps, kind, changeId)
  const askedAt = deps.clock.now()
  const request = { ...wanted, changeId, askedBy: operator.username, askedAt, secret: secret?.enclosed ?? null }
  const deed = { at: askedAt, username: operator.username, action: 'change.ask', subject }
  const asked = await deps.changes.ask(request, {
    ...deed,
    after: { changeId, kind, after: sayable(kind, after), note },
  })
  if (asked.kind === 'refused') return { kind: 'refused', ...asked.fault }
  return { kind: 'asked', request: asked.request, half: secret?.half ?? null }
}

/** Writes down that it was tried. */
export async function logRefusal(
  { operators, clock }: Pick<ChangeDeps, 'operators' | 'clock'>,
  { username }: Operator,
  { kind, subject, verb, changeId }: Pick<ChangeRequest, 'kind' | 'subject'> & { verb: string; changeId?: string },
  code: ChangeRefusal['code'],
): Promise<ChangeRefusal> {
  const after = { verb, kind, code, ...(changeId && { changeId }) }
  await operators.logRefusal({ at: clock.now(), username, action: 'change.refuse', subject, after })
  return { kind: 'refused', code }
}

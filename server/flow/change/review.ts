import { type ChangeRequest, refusesVerdict, type Verdict } from '../../domain/change'
import type { Operator } from '../../domain/operator'
import { isTrusted } from '../ports'
import { type ChangeDeps, type ChangeRefusal, logRefusal } from './ask'
import { askOnceMore, type LastWordDeps } from './last-word'
import { secondHalf } from './secret'

export interface VerdictInput {
  changeId: string
  /** the one that was looked at */
  revision: number
  verdict: Verdict
  note: string | null
}

export type VerdictResult =
  /** `half`: the second of a secret. `overtaken` instead of approved: it is not so any more */
  { kind: 'stepped'; request: ChangeRequest; half: string | null } | ChangeRefusal

/** Another operator approves or rejects, or whoever asked takes it back. What is refused is in the log. */
export async function giveVerdict(
  deps: ChangeDeps & LastWordDeps,
  operator: Operator,
  input: VerdictInput,
): Promise<VerdictResult> {
  const { changeId, revision, verdict, note } = input
  const request = await deps.changes.find(changeId)
  if (!request) return { kind: 'refused', code: 'change-not-found' }
  const about = { ...request, verb: verdict }
  const refused = refusesVerdict(operator, request, verdict)
  if (refused) return logRefusal(deps, operator, about, refused)
  if (request.revision !== revision) return logRefusal(deps, operator, about, 'revision-changed')
  if (verdict === 'approve') await askOnceMore(deps, request)
  const at = deps.clock.now()
  const secret = verdict === 'approve' ? await secretOf(deps, request) : null
  if (secret === 'unreadable') return { kind: 'refused', code: 'secret-lost' }
  const effectiveAt = verdict === 'approve' ? at + (request.delayed ? deps.changeDelayMs : 0) : null
  const step = { changeId, revision, verdict, by: operator.username, at, note, effectiveAt, effect: secret?.effect }
  const stepped = await deps.changes.step(step)
  if (stepped.kind !== 'stepped') return logRefusal(deps, operator, about, stepped.kind)
  const applied = stepped.request.state === 'applied'
  return { kind: 'stepped', request: stepped.request, half: (applied && secret?.half) || null }
}

async function secretOf(deps: ChangeDeps, request: ChangeRequest) {
  return secondHalf(deps, request, await deps.changes.secretOf(request.changeId))
}

/** So many in one go; what is left is due again. */
const BATCH = 50

/**
 * Lets take effect what was approved and whose time has come; how many did. None on a doubtful clock: money that has gone
 * elsewhere doesn't come back. Safe beside other processes doing the same.
 */
export async function applyDue({ changes, clock }: Pick<ChangeDeps, 'changes' | 'clock'>): Promise<number> {
  if (!isTrusted(clock)) return 0
  const now = clock.now()
  const due = await changes.due(now, BATCH)
  let failed: unknown
  // One that can't be done must not stand before the others for ever.
  for (const changeId of due)
    await changes.apply(changeId, now).catch((error) => {
      failed ??= error
    })
  if (failed) throw failed
  return due.length
}

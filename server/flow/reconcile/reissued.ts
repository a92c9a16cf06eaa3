import { type BookDay, dayName } from '../../domain/match'
import type { Clock, Reconciliation, Reconciliations } from '../ports'

export interface KeepDeps {
  reconciliations: Pick<Reconciliations, 'keepFirst' | 'reconciliation'>
  clock: Clock
}

/**
 * The channel issued the statement of a day anew with other content, and somebody has asked it why: the first one counts, and what was
 * signed stays. `sha256`: of the file that was looked at, so that a third one isn't decided along with the second. `not-reissued`: there
 * is no such file, or it is decided.
 */
export async function keepFirstStatement(
  { reconciliations, clock }: KeepDeps,
  day: BookDay,
  { sha256, operator, note }: { sha256: string; operator: string; note: string },
): Promise<Reconciliation | 'not-reissued' | 'not-reconciled'> {
  const before = await reconciliations.reconciliation(day)
  if (!before) return 'not-reconciled'
  const deed = {
    at: clock.now(),
    username: operator,
    action: 'reconciliation.keep',
    subject: `reconciliation/${dayName(day)}`,
    before: { sha256: before.manifest.sha256 },
    after: { reissued: sha256, note },
  }
  if (!(await reconciliations.keepFirst({ day, sha256, operator, note, deed }))) return 'not-reissued'
  return (await reconciliations.reconciliation(day))!
}

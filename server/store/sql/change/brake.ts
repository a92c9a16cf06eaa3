import type { BrakeSubject } from '../../../domain/brake'
import { letGo } from '../campaign/hold'
import type { Kind } from './kind'

/** A brake is let go of: of one merchant, or of everything. Pulled again since it was asked for, it is another one. */
export const brakeRelease: Kind = {
  async check(tx, { subject }) {
    const held = tx.selectFrom('brakes').select('subject').where('subject', '=', subject).where('held', '=', true)
    return (await held.forUpdate().executeTakeFirst()) ? null : { code: 'nothing-changes' }
  },
  standing: (tx, { subject }) =>
    tx
      .selectFrom('brakes')
      .select(['held', 'revision', 'note', 'pulled_by as by', 'pulled_at as at'])
      .where('subject', '=', subject)
      .executeTakeFirst(),
  apply: (tx, { subject }) => letGo(tx, subject as BrakeSubject),
}

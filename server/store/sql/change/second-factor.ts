import { dropFactor } from '../operator/second-factor'
import type { Kind } from './kind'

const nameOf = (subject: string) => subject.slice('operator/'.length)

/** Whoever lost the telephone and the codes to recover with sets up another at the next log-in. */
export const secondFactorReset: Kind = {
  async check(tx, { subject }) {
    const factor = tx.selectFrom('operator_factors').select('since').where('username', '=', nameOf(subject))
    return (await factor.forUpdate().executeTakeFirst()) ? null : { code: 'subject-missing', field: 'username' }
  },
  async apply(tx, { subject }, at) {
    await dropFactor(tx, nameOf(subject), at)
  },
}

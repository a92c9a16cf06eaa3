import type { Kind } from './kind'

const codeOf = (subject: string) => subject.slice('merchant/'.length)

/** A binding code for an owner, who may refund. It is good from its approval on. */
export const merchantOwner: Kind = {
  async check(tx, { subject }) {
    const merchant = tx.selectFrom('merchants').select('name').where('merchant_code', '=', codeOf(subject))
    return (await merchant.executeTakeFirst()) ? null : { code: 'subject-missing' }
  },
  async standing(tx, { subject }) {
    const { owners } = await tx
      .selectFrom('merchant_users')
      .select(({ fn }) => fn.countAll<number>().as('owners'))
      .where('merchant_code', '=', codeOf(subject))
      .where('role', '=', 'owner')
      .where('unbound_at', 'is', null)
      .executeTakeFirstOrThrow()
    return { owners }
  },
  async apply(tx, { subject, askedBy }, at, effect) {
    const { codeHash, lifeMs } = effect as { codeHash: string; lifeMs: number }
    const times = { made_at: at, expires_at: at + lifeMs, used_at: null }
    const row = { code_hash: codeHash, merchant_code: codeOf(subject), role: 'owner' as const, made_by: askedBy }
    await tx
      .insertInto('binding_codes')
      .values({ ...row, ...times })
      .execute()
  },
}

import type { Kind } from './kind'

const codeOf = (subject: string) => subject.slice('merchant/'.length)

/** A merchant leaves, or comes back. */
export const merchantTurn: Kind = {
  async check(tx, { subject }) {
    const merchant = tx.selectFrom('merchants').select('name').where('merchant_code', '=', codeOf(subject)).forUpdate()
    return (await merchant.executeTakeFirst()) ? null : { code: 'subject-missing' }
  },
  async standing(tx, { subject }) {
    const merchant = tx.selectFrom('merchants').select('disabled_at').where('merchant_code', '=', codeOf(subject))
    return { disabled: (await merchant.executeTakeFirstOrThrow()).disabled_at !== null }
  },
  async apply(tx, { subject, after }, at) {
    const { disabled } = after as { disabled: boolean }
    await tx
      .updateTable('merchants')
      .set({ disabled_at: disabled ? at : null })
      .where('merchant_code', '=', codeOf(subject))
      .execute()
  },
}

import { sql as raw } from 'kysely'
import type { CardsEffect, CardsWanted } from '../../../flow/ports'
import type { Kind } from './kind'

/** A card of each merchant, good from its approval on, in place of those that nobody has used; none for who has an owner by then. */
export const merchantOwners: Kind = {
  async check(tx, { after }) {
    const { merchantCodes } = after as CardsWanted
    const { known } = await tx
      .selectFrom('merchants')
      .select(({ fn }) => fn.countAll<number>().as('known'))
      .where('merchant_code', 'in', merchantCodes)
      .executeTakeFirstOrThrow()
    return known === merchantCodes.length ? null : { code: 'subject-missing' }
  },
  async apply(tx, { askedBy, changeId }, at, effect) {
    const { cards, lifeMs } = effect as CardsEffect
    const column = (field: keyof CardsEffect['cards'][number]) => cards.map((card) => card[field])
    await raw`
      update binding_codes set expires_at = least(expires_at, ${at}::bigint)
      where merchant_code = any(${column('merchantCode')}::text[]) and card_hash is not null and used_at is null`.execute(
      tx,
    )
    await raw`
      insert into binding_codes (code_hash, card_hash, merchant_code, role, made_by, made_at, expires_at, change_id)
      select u.code_hash, u.card_hash, u.merchant_code, 'owner', ${askedBy}, ${at}::bigint, ${at + lifeMs}::bigint, ${changeId}
      from unnest(${column('codeHash')}::text[], ${column('cardHash')}::text[], ${column('merchantCode')}::text[])
        as u(code_hash, card_hash, merchant_code)
      where not exists (
        select 1 from merchant_users m
        where m.merchant_code = u.merchant_code and m.role = 'owner' and m.unbound_at is null)`.execute(tx)
  },
}

import type { PersonCards } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'

/**
 * $1 before which deck date; $2 how many at most. That they are gone is written with it, so that the audit doesn't miss them. A row that
 * an order's ending has just now is left for the next time. By campaign, as the primary key finds them.
 */
const FORGET: Statement = {
  name: 'forget-person-cards',
  text: `
    with old as materialized (
      select h.campaign_id, h.deck_date, h.holder from campaigns c
      cross join lateral (
        select * from payer_cards h where h.campaign_id = c.campaign_id and h.deck_date < $1::date
        limit $2::integer for update skip locked
      ) h
      limit $2::integer
    ), told as (
      update payer_cards_pruned set before_date = $1::date where before_date < $1::date
    )
    delete from payer_cards h using old
    where (h.campaign_id, h.deck_date, h.holder) = (old.campaign_id, old.deck_date, old.holder)
    returning true`,
}

/** The {@link PersonCards} of `payer_cards`, which opening and ending an order write. */
export function sqlPersonCards(sql: Sql): PersonCards {
  return {
    async forget(beforeDate, limit) {
      return (await sql.run(FORGET, [beforeDate, limit])).length
    },
  }
}

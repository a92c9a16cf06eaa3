import type { PayerDays } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'

/**
 * SQL for the first date of the week up to the last order that there ever was; null: there was none. Whatever a clock said, or whoever wrote the
 * horizon, this much is remembered, and the audit looks at it.
 */
export const LAST_WEEK = `(greatest((select max(business_date) from orders), (select max(business_date) from archived_days)) - 6)`

/**
 * $1 before which date; $2 how many at most. That they are gone is written with it, so that the audit doesn't miss them. A row that an order's
 * ending has just now is left for the next time. Nothing is forgotten before the schema says so (0101-keys-and-days-go.ts).
 */
const FORGET: Statement = {
  name: 'forget-payer-days',
  text: `
    with horizon as materialized (
      select least($1::date, ${LAST_WEEK}) as before_date from payer_days_pruned
    ), old as materialized (
      select payer_id, business_date, channel from payer_days
      where business_date < (select before_date from horizon)
      order by business_date limit $2::integer for update skip locked
    ), told as (
      update payer_days_pruned p set before_date = h.before_date from horizon h where p.before_date < h.before_date
    )
    delete from payer_days d using old
    where (d.payer_id, d.business_date, d.channel) = (old.payer_id, old.business_date, old.channel)
    returning true`,
}

/** The {@link PayerDays} of `payer_days`, which opening and closing an order write. */
export function sqlPayerDays(sql: Sql): PayerDays {
  return {
    async forget(beforeDate, limit) {
      return (await sql.run(FORGET, [beforeDate, limit])).length
    },
  }
}

import type { Traces } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'

/** $1 before when, ms; $2 how many at most. */
const CLEAR: Statement = {
  name: 'clear-traces',
  text: `
    update orders set address_hash = null, device_hash = null
    where order_no in (
      select order_no from orders
      where created_at < $1::bigint and (address_hash is not null or device_hash is not null)
      order by created_at limit $2::integer for update skip locked
    )
    returning order_no`,
}

/** The {@link Traces} of orders. */
export function sqlTraces(sql: Sql): Traces {
  return { clear: async (before, limit) => (await sql.run(CLEAR, [before, limit])).length }
}

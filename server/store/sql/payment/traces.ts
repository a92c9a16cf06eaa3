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

/** The same of those who logged in, by when they did last. */
const CLEAR_IDENTITIES: Statement = {
  name: 'clear-identity-traces',
  text: `
    update identities set address_hash = null, device_hash = null
    where (provider, app_id, subject_hash) in (
      select provider, app_id, subject_hash from identities
      where seen_at < $1::bigint and (address_hash is not null or device_hash is not null)
      order by seen_at limit $2::integer for update skip locked
    )
    returning person_id`,
}

/** The {@link Traces} of orders and of those who logged in. */
export function sqlTraces(sql: Sql): Traces {
  return {
    async clear(before, limit) {
      const orders = await sql.run(CLEAR, [before, limit])
      const identities = await sql.run(CLEAR_IDENTITIES, [before, limit])
      return Math.max(orders.length, identities.length)
    },
  }
}

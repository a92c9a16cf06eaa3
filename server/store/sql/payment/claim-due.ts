import type { ChannelName } from '../../../domain/channel'
import type { Order } from '../../../domain/order'
import { isDue, LONGEST_WAIT_MS } from '../due'
import type { Sql, Statement } from '../open-sql'
import { orderColumns, orderOf } from '../rows'
import type { OrderRow } from '../tables'
import { claimable } from './open-orders'

/**
 * Waits of 1, 2, 4, 8, 16, 16 s: once a bank is back, every order is asked about three times within a minute, as one that
 * is still pending needs. With once a minute, a chaos run left seven of 25,000 open for longer than that.
 */
const DOUBLINGS = 4

/** SQL for the wait after so many waits, ms. */
export const waitMs = (waits: string) => `1000 * (1 << least(${waits}, ${DOUBLINGS}))`

/**
 * $1 now, $2 how many, $3 for how long at least, $4 of which channels. Locked rows are somebody else's and are passed over; claiming moves the next query away in the
 * same statement, so a claimer that dies only delays the order.
 */
const CLAIM: Statement = {
  name: 'claim-due',
  text: `
    with due as materialized (
${claimable({
  due: `channel = any($4::text[]) and ${isDue('next_query_at', '$1::bigint', `$3::bigint + ${LONGEST_WAIT_MS}`)}`,
  at: 'next_query_at',
  limit: '$2::integer',
})}
    )
    update orders o
    set attempts = o.attempts + 1,
        next_query_at = $1::bigint + greatest(${waitMs('o.attempts')}, $3::bigint)
    from due where o.order_no = due.order_no
    returning ${orderColumns('o')}`,
}

/** Hands out due orders, each to one claimer for its wait or `claimMs`. `now` in ms; `attempt` counts from 1. */
export async function claimDue(
  sql: Sql,
  channels: readonly ChannelName[],
  now: number,
  limit: number,
  claimMs: number,
): Promise<{ order: Order; attempt: number }[]> {
  const rows = await sql.run<OrderRow>(CLAIM, [now, limit, claimMs, channels])
  return rows.map((row) => ({ order: orderOf(row), attempt: row.attempts }))
}

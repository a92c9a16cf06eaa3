import type { Sql } from '../server/store/sql/open-sql'
import { pause } from './part'

/** What has not come to its end. */
export interface Open {
  orders: number
  refunds: number
  /** closed orders whose cards are still to be given back */
  returns: number
}

const OPEN = `
  select
    (select count(*) from orders where state = 'paying') as orders,
    (select count(*) from refunds where state = 'refunding') as refunds,
    (select count(*) from orders where slot_return_at is not null) as returns`

export async function openNow(sql: Sql): Promise<Open> {
  const [open] = (await sql.pool.query<Open>(OPEN)).rows
  return open!
}

/** Waits until nothing is open, or so long; tells after how many ms that was, or null, and what is open. */
export async function settled(
  sql: Sql,
  since: number,
  withinMs: number,
): Promise<{ afterMs: number | null; open: Open }> {
  for (;;) {
    const open = await openNow(sql)
    const afterMs = Date.now() - since
    if (open.orders + open.refunds + open.returns === 0) return { afterMs, open }
    if (afterMs > withinMs) return { afterMs: null, open }
    await pause(250)
  }
}

/** The story of what is still open, in a few lines, so that one failure is enough to learn from. Times in seconds from now. */
const STORIES = `
  select o.order_no, o.channel, o.attempts, (o.next_query_at - $1::bigint) / 1000.0 as next, (o.created_at - $1::bigint) / 1000.0 as created,
    (select json_agg(json_build_array((e.at - $1::bigint) / 1000.0, e.verb, e.outcome) order by e.at)
      from (select at, verb, outcome from order_events e where e.order_no = o.order_no order by at desc limit 12) e) as events
  from orders o where o.state = 'paying' limit 3`

export async function stories(sql: Sql): Promise<string> {
  const { rows } = await sql.pool.query(STORIES, [Date.now()])
  return JSON.stringify(rows)
}

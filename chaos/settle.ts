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

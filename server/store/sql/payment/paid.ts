/**
 * Orders that were paid, found by when they were. No index of `orders` says so, since an ending of an order that had one would write all that
 * there are of it. Of an order whose events are rows it is the event that says so (`order_events_paid`). Events of older orders may be packed
 * (pack-books.ts): an order whose payment is in a pack was paid within ten minutes of its opening, on whose date it is
 * (`paid_soon`, migrations/0105-paid-in-packs.ts), so these are found by their opening (`orders_of_day`). The event's time is the order's `ended_at`,
 * which the audit holds against each other (`state-not-from-events`).
 */

/** As `paid_soon` has it: so long after its opening. */
const SOON_MS = 600_000
/** Before the year 10000, which dates of PostgreSQL bear. */
export const LAST_MS = 253_370_736_000_000

export interface PaidAsked {
  /** SQL: ms, the first that is looked at, and, unless open, the first that isn't any more */
  from: string
  to?: string
  /** SQL: what else holds of orders `o`, paid at so many ms */
  where?: (at: string) => string
}

/** SQL to select from, `as o`: orders that were paid at a time, all columns and `at`, each once. */
export function paidOrders({ from, to = String(LAST_MS), where = () => 'true' }: PaidAsked): string {
  return `(
    select o.*, o.ended_at as at from orders o where ${packed(from, to)} and ${where('o.ended_at')}
    union all
    select o.*, e.at from order_events e join orders o on o.order_no = e.order_no
    where e.kind = 'paid' and e.at >= ${from} and e.at < ${to} and ${where('e.at')}
      and o.state = 'paid' and not (${SOON} and o.business_date <= ${PACKED_UP_TO})
  )`
}

/**
 * SQL for up to when to look for so many, ms, at the latest `to`: no more lies before it than about as many and what is opened in twenty
 * minutes. There may be fewer, and more after it.
 */
export const paidReach = ({ from, to, limit }: { from: string; to: string; limit: string }) => `least(${to}, (
      select max(created_at) + ${SOON_MS} + 1 from (
        select o.created_at from orders o where ${packed(from, to)} order by o.business_date, o.created_at limit ${limit}
      ) first having count(*) = ${limit}
    ), (
      select max(at) + 1 from (
        select at from order_events where kind = 'paid' and at >= ${from} and at < ${to} order by at limit ${limit}
      ) first having count(*) = ${limit}
    ))`

/** Before anything is packed, and of dates of which nothing is, all are found by their events. */
const PACKED_UP_TO = `coalesce((select max(business_date) from order_books), date '-infinity')`
const SOON = 'paid_soon(o.business_date, o.created_at, o.ended_at)'
const dateOf = (ms: string) => `(to_timestamp(least(${ms}, ${LAST_MS}) / 1000.0) at time zone 'Asia/Shanghai')::date`

function packed(from: string, to: string): string {
  const begin = `(greatest(${from}, 0) - ${SOON_MS})`
  return `o.business_date >= ${dateOf(begin)} and o.business_date <= least(${dateOf(to)}, ${PACKED_UP_TO})
      and o.created_at >= ${begin} and o.created_at < ${to}
      and o.state = 'paid' and ${SOON} and o.ended_at >= ${from} and o.ended_at < ${to}`
}

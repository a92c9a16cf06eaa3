import { OWN_CHANNEL } from '../../../domain/channel'
import { type ArchiveObstacle, LATE_DAYS } from '../../../flow/ports'
import { dateOf, nameOf } from '../audit/statements'
import type { Sql } from '../open-sql'

/** What stands in the way of archiving a day. */

interface Found {
  sealed: boolean
  open: number
  returns: number
  unpacked: number
  unchained: number
  decks: number
  /** when the last of it was paid, ms */
  last_at: number
  pruned_at: number
  forgotten: boolean
  keys_pruned: boolean
}

/**
 * $1 date. A deck that is open would be closed by what its orders come to, and a card of an open deck could be used again. What comes in a day late
 * is in the outbox a day longer. A key that went between the writing of its order's line and its taking out would keep the order for good.
 */
const LOOK = `
  with day as materialized (select order_no, state, slot_return_at, ended_at from orders where business_date = $1::date)
  select coalesce((select max(business_date) from ledger_links) >= $1::date + ${LATE_DAYS}, false) as sealed,
    (select count(*) from day where state = 'paying') as open,
    (select count(*) from day where slot_return_at is not null) as returns,
    (select count(*) from day join channel_requests using (order_no) where state <> 'paying') as unpacked,
    (select count(distinct order_no) from day join order_events e using (order_no)
      where e.event_id > (select coalesce(max(last_event), 0) from ledger_links)) as unchained,
    (select count(*) from decks where closed_at is null and business_date <= $1::date) as decks,
    (select coalesce(max(ended_at), 0) from day where state = 'paid') as last_at,
    (select coalesce(max(before_at), 0) from outbox_pruned) as pruned_at,
    coalesce((select max(before_date) from payer_cards_pruned) > $1::date, false) as forgotten,
    coalesce((select max(before_date) from idempotency_keys_pruned) > $1::date, true) as keys_pruned`

/**
 * $1 date. Days on which an order of it was paid, and the days after them: a channel's day may end a moment before ours. Channels count
 * as in `days-to-reconcile` of the audit. `passed`: its channel was first reconciled later, and goes on from there (reconcile/turn.ts).
 */
const UNRECONCILED = `
  select ${nameOf('b', 'day')} as name,
    exists (select from reconciliations r where r.channel = b.channel and r.matched_at is not null)
      and not exists (
        select from reconciliations r where r.channel = b.channel and r.statement_date < b.day and r.matched_at is not null
      ) as passed
  from (
    select distinct o.channel, ${dateOf('o.ended_at')} + later as day from orders o cross join (values (0), (1)) l(later)
    where o.business_date = $1::date and o.state = 'paid'
  ) b
  where (b.channel = '${OWN_CHANNEL}' or exists (select from reconciliations r where r.channel = b.channel))
    and not exists (
      select from reconciliations r where r.channel = b.channel and r.statement_date = b.day and r.matched_at is not null)
  order by 1`

/** `untilAt`: before when all news of a day has to be pruned, ms. */
export async function obstaclesOf(sql: Sql, date: string, untilAt: number): Promise<ArchiveObstacle[]> {
  const [found] = await sql.run<Found>({ name: 'archive-look', text: LOOK, replan: true }, [date])
  const days = await sql.run<{ name: string; passed: boolean }>(
    { name: 'archive-days', text: UNRECONCILED, replan: true },
    [date],
  )
  const { sealed, open, returns, unpacked, unchained, decks, last_at, pruned_at, forgotten, keys_pruned } = found!
  const until = Math.max(untilAt, last_at + 1)
  const all: (ArchiveObstacle | false)[] = [
    open > 0 && { code: 'orders-open', count: open },
    returns > 0 && { code: 'slots-to-return', count: returns },
    decks > 0 && { code: 'decks-open', count: decks },
    !sealed && { code: 'not-sealed' },
    unchained > 0 && { code: 'not-chained', count: unchained },
    ...(['not-reconciled', 'day-passed'] as const).map((code) => {
      const which = days.filter(({ passed }) => passed === (code === 'day-passed')).map(({ name }) => name)
      return which.length > 0 && { code, which }
    }),
    unpacked > 0 && { code: 'not-packed', count: unpacked },
    pruned_at < until && { code: 'outbox-not-pruned', until },
    !forgotten && { code: 'cards-not-forgotten' },
    !keys_pruned && { code: 'keys-not-pruned' },
  ]
  return all.filter((one) => one !== false)
}

import { OWN_CHANNEL } from '../../../domain/channel'
import type { AuditPending } from '../../../flow/ports'
import { OWED } from '../reconcile/left'
import { NOW } from '../time'
import { type Scoped, taken, within } from './scope'
import { dateOf, nameOf } from './statements'

/** What is unfinished or disputed: `name` and when it began, `at`. Few, whatever the size of the books. */
export const PENDING: Record<AuditPending['kind'], Scoped> = {
  'unknown-orders': `select order_no as name, created_at as at from orders where state = 'paying'`,
  'unknown-refunds': `select refund_no as name, created_at as at from refunds where state = 'refunding'`,
  'slots-to-return': `select order_no as name, ended_at as at from orders where slot_return_at is not null`,
  conflicts: `
    select order_no || ' ' || conflict as name, at from order_events where conflict is not null
    union all
    select refund_no || ' ' || conflict, at from refund_events where conflict is not null`,
  'open-differences': (scope) => `
    select difference_id || ' ' || class || ' ' || detail as name, found_at as at from differences
    where state = 'open' and ${taken(scope, 'order_no')}`,
  'rejected-differences': (scope) => `
    select difference_id || ' ' || class || ' ' || detail as name, resolved_at as at from differences
    where state = 'rejected' and ${taken(scope, 'order_no')}`,
  'owing-differences': (scope) => `
    select difference_id || ' ' || class || ' ' || owed_fen as name, resolved_at as at from differences
    where state = 'accepted' and ${OWED} and ${taken(scope, 'order_no')}`,
  'events-to-chain': `
    select order_no || ' ' || kind || ' ' || event_id as name, at from order_events
    where event_id > (select coalesce(max(last_event), 0) from ledger_links)`,
  // Days that are over and have bookings, of our own channel and of each that was ever reconciled, unless somebody passed them over for the archive.
  'days-to-reconcile': (scope) => `
    select ${nameOf('b', 'booked_on')} as name, (extract(epoch from b.booked_on + 1) * 1000)::bigint - 28800000 as at
    from (
      select o.channel, ${dateOf('o.ended_at')} as booked_on from orders o where o.state = 'paid'
      union
      select o.channel, ${dateOf('r.ended_at')} from refunds r join orders o on o.order_no = r.order_no
      where r.state = 'refunded'
    ) b
    where b.booked_on < ${dateOf(NOW)} and ${within(scope, 'b.booked_on')}
      and (b.channel = '${OWN_CHANNEL}' or exists (select 1 from reconciliations r where r.channel = b.channel))
      and not exists (
        select 1 from reconciliations r
        where r.channel = b.channel and r.statement_date = b.booked_on and r.matched_at is not null
      )
      and not exists (select 1 from operator_actions a where a.action = 'ledger.pass-over' and (a.after -> 'days') ? (${nameOf('b', 'booked_on')}))`,
}

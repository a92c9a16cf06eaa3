import type { Suspicions } from '../../../flow/ports'
import type { Sql } from '../open-sql'
import { clawable } from './claw-back'
import { campaignsOn, merchantDays, merchantsOn } from './facts'
import { changesOf, daysOf, find, holdsOf, lastDismissed, list, ordersOf, record } from './queue'
import { begin, dueFrom, finish, keep } from './run'

/** The {@link Suspicions} on PostgreSQL; over the desk's connections, so that no payment waits for them (I14). */
export function sqlSuspicions(sql: Sql): Suspicions {
  return {
    begin: (date, holdMs, anew) => begin(sql, date, holdMs, anew),
    keep: (date, holdMs) => keep(sql, date, holdMs),
    finish: (date, counts, now) => finish(sql, date, counts, now),
    dueFrom: (from) => dueFrom(sql, from),
    campaignsOn: (date) => campaignsOn(sql, date),
    merchantsOn: (campaignId, date, after, limit) => merchantsOn(sql, campaignId, date, after, limit),
    merchantDays: (input) => merchantDays(sql, input),
    lastDismissed: (campaignId, codes) => lastDismissed(sql, campaignId, codes),
    record: (found) => record(sql, found),
    list: (filter) => list(sql, filter),
    find: (suspicionId) => find(sql, suspicionId),
    daysOf: (suspicionId, limit) => daysOf(sql, suspicionId, limit),
    ordersOf: (of) => ordersOf(sql, of),
    changesOf: (suspicionId, limit) => changesOf(sql, suspicionId, limit),
    holdsOf: (suspicionId, from) => holdsOf(sql, suspicionId, from),
    clawable: (of) => clawable(sql.db, { ...of, lock: false }),
  }
}

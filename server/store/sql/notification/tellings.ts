import { sql as raw, type Transaction } from 'kysely'
import type { DueTelling, Notifications, NotificationTarget } from '../../../flow/ports'
import { isDue } from '../due'
import type { Sql, Statement } from '../open-sql'
import type { Tables } from '../tables'

/** How notifications go out of the house: one row for each and where it goes, its attempts and what came of the last. */

const MINUTE_MS = 60_000
const LONGEST_PAUSE_MS = 60 * MINUTE_MS

/** $1 targets, $2 raised since, ms. Another process may be at the same. */
const PLAN: Statement = {
  name: 'plan-tellings',
  text: `
    insert into notification_sends (notification_id, target, state, next_at)
    select n.notification_id, t.target, 'due', n.at from notifications n cross join unnest($1::text[]) as t(target)
    where n.at >= $2::bigint and not exists (
      select 1 from notification_sends s where s.notification_id = n.notification_id and s.target = t.target)
    on conflict do nothing`,
}

const NOTE: Statement = {
  name: 'note-telling',
  text: `
    update notification_sends set state = $3::text, code = $4::text, next_at = case when $3::text = 'due' then next_at end
    where notification_id = $1::bigint and target = $2::text and state = 'due'`,
}

const UNTOLD: Statement = {
  name: 'untold',
  text: `
    select s.target, count(*) as count, min(n.at) as "oldestAt",
      coalesce((array_agg(s.code order by s.tried_at desc nulls last))[1], '') as code
    from notification_sends s join notifications n using (notification_id)
    where s.state <> 'done' and s.attempts > 0 and n.at >= $1::bigint group by 1 order by 1`,
}

type Tellings = Pick<Notifications, 'plan' | 'claim' | 'note' | 'untold'>

export function sqlTellings(sql: Sql): Tellings {
  return {
    async plan(targets, since) {
      if (targets.length > 0) await sql.run(PLAN, [targets, since])
    },
    claim: (target, now, limits) => sql.transaction((tx) => claim(tx, target, now, limits)),
    async note({ notificationId, target }, { state, code }) {
      await sql.run(NOTE, [notificationId, target, state, code])
    },
    untold: (since) => sql.run(UNTOLD, [since]),
  }
}

/**
 * One process at a time hands out a target's, so that the count of the last minute is whole; an attempt of one comes a minute after its
 * last at the earliest, so each counts once.
 */
async function claim(
  tx: Transaction<Tables>,
  target: NotificationTarget,
  now: number,
  { perMinute, limit }: { perMinute: number; limit: number },
): Promise<DueTelling[]> {
  const turn = await raw<{ mine: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${`notifications/${target}`}, 0)) as mine`.execute(tx)
  if (!turn.rows[0]!.mine) return []
  const { rows } = await raw<DueTelling>`
    with due as materialized (
      select notification_id from notification_sends
      where target = ${target} and state = 'due'
        and ${raw.raw(isDue('next_at', `${now}::bigint`, 2 * LONGEST_PAUSE_MS))}
      order by notification_id
      limit greatest(0, least(${limit}::bigint, ${perMinute}::bigint - (
        select count(*) from notification_sends
        where target = ${target} and tried_at > ${now}::bigint - ${MINUTE_MS} and tried_at < ${now}::bigint + ${MINUTE_MS})))
      for update skip locked
    )
    update notification_sends s
    set attempts = s.attempts + 1, tried_at = ${now}::bigint,
      next_at = ${now}::bigint + least(${MINUTE_MS}::bigint << least(s.attempts, 10), ${LONGEST_PAUSE_MS}::bigint)
    from due join notifications n using (notification_id)
    where s.notification_id = due.notification_id and s.target = ${target}
    returning n.notification_id as "notificationId", n.at, n.kind, n.topic, n.subject, n.content, s.attempts`.execute(
    tx,
  )
  return rows.sort((a, b) => a.notificationId - b.notificationId)
}

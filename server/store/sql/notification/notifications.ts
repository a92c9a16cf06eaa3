import { sql as raw } from 'kysely'
import type {
  NewNotification,
  NotificationReader,
  Notifications,
  NotificationTarget,
  SeenNotification,
} from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'
import { sqlTellings } from './tellings'

/** Of `n`: $1 who reads, $2 their topics, $3 their branch or null, $4 since, ms. One's own doing is no news to oneself. */
const THEIRS = `n.at >= $4::bigint and (n.for_username = $1 or (
    n.for_username is null and n.topic = any($2::text[]) and n.not_username is distinct from $1
    and ($3::text is null or n.branch_code = $3)))`

const READ = `exists (select 1 from notification_reads r where r.username = $1 and r.notification_id = n.notification_id)`

/** What waited for review doesn't any more: a colleague decided, or it was taken back. */
const SETTLED = `(n.kind = 'submitted'
    and not exists (select 1 from campaign_changes h where h.change_id = n.content ->> 'changeId' and h.state = 'open')
    and not exists (select 1 from change_requests q where q.change_id = n.content ->> 'changeId' and q.state = 'open'))`

const valuesOf = ({ username, topics, branchCode, since }: NotificationReader) => [username, topics, branchCode, since]

/** $5 before which id or null, $6 how many. */
const LIST: Statement = {
  name: 'notifications-list',
  text: `
    select n.notification_id as "notificationId", n.at, n.kind, n.topic, n.subject, n.content, ${READ} as read,
      ${SETTLED} as settled, (
        select coalesce(json_agg(s.target order by s.target), '[]') from notification_sends s
        where s.notification_id = n.notification_id and s.state <> 'done' and s.attempts > 0
      ) as untold
    from notifications n
    where ${THEIRS} and ($5::bigint is null or n.notification_id < $5)
    order by n.notification_id desc limit $6::integer`,
}

/** $5 how many are counted at most. */
const UNREAD: Statement = {
  name: 'notifications-unread',
  text: `
    select count(*) as count from (
      select 1 from notifications n where ${THEIRS} and not ${READ} and not ${SETTLED} limit $5::integer) unread`,
}

/** $5 ids, or null for all up to $6; $7 now. Only what is the reader's. */
const MARK: Statement = {
  name: 'notifications-mark',
  text: `
    insert into notification_reads (username, notification_id, at)
    select $1, n.notification_id, $7::bigint from notifications n
    where ${THEIRS} and (n.notification_id = any($5::bigint[]) or n.notification_id <= $6::bigint)
    on conflict do nothing`,
}

/** A campaign's is of its branch and has its name. */
const ADD: Statement = {
  name: 'notifications-add',
  text: `
    insert into notifications (key, at, kind, topic, subject, branch_code, content)
    select x.key, x.at, x.content ->> 'kind', x.topic, x.subject, c.branch_code,
      case when c.campaign_id is null then x.content else x.content || jsonb_build_object('name', c.name) end
    from jsonb_to_recordset($1::jsonb) as x(key text, at bigint, topic text, subject text, content jsonb, "campaignId" text)
    left join campaigns c on c.campaign_id = x."campaignId"
    on conflict (key) do nothing`,
}

/** The {@link Notifications} on PostgreSQL. */
export function sqlNotifications(sql: Sql): Notifications {
  return {
    async add(raised: readonly NewNotification[]) {
      if (raised.length > 0) await sql.run(ADD, [JSON.stringify(raised)])
    },
    list: (reader, { before, limit }) =>
      sql.run<SeenNotification & { untold: NotificationTarget[] }>(LIST, [...valuesOf(reader), before ?? null, limit]),
    async unread(reader, most) {
      const [row] = await sql.run<{ count: number }>(UNREAD, [...valuesOf(reader), most])
      return row!.count
    },
    async markRead(reader, which, at) {
      const [ids, upTo] = 'ids' in which ? [which.ids, null] : [null, which.upTo]
      await sql.run(MARK, [...valuesOf(reader), ids, upTo, at])
    },
    async prune(before, limit) {
      const { numAffectedRows } = await raw`
        delete from notifications where notification_id in (
          select notification_id from notifications where at < ${before}::bigint order by at limit ${limit})`.execute(
        sql.db,
      )
      return Number(numAffectedRows ?? 0)
    },
    ...sqlTellings(sql),
  }
}

import type { HeldBy } from '../../flow/ports'
import type { Sql } from './open-sql'

/**
 * $1 a table. Whoever has it in its transaction, or what belongs to it, and has been at it longest: it needn't be the one that was waited for, but
 * it is the one to look at. Who isn't of its role sees no times, and of a prepared transaction nobody knows the session.
 */
const HOLDER = {
  name: 'holder-of-table',
  replan: true as const,
  text: `
    select l.pid, a.usename::text as role, coalesce(nullif(a.application_name, ''), a.backend_type) as program,
      floor(extract(epoch from a.xact_start) * 1000)::bigint as since
    from pg_locks l left join pg_stat_activity a on a.pid = l.pid
    where l.locktype = 'relation' and l.granted and l.pid is distinct from pg_backend_pid()
      and l.database = (select oid from pg_database where datname = current_database())
      and (l.relation = $1::regclass or l.relation = (select inhparent from pg_inherits where inhrelid = $1::regclass))
    order by a.xact_start nulls last, l.pid limit 1`,
}

/** Who has a table now; null: nobody any more. */
export async function holderOf(sql: Sql, table: string): Promise<HeldBy | null> {
  return (await sql.run<HeldBy>(HOLDER, [table]))[0] ?? null
}

/** `session 4711 (psql, role reader), in a transaction since 2026-01-31T02:00:00.000Z` */
export function holderText(holder: HeldBy | null): string {
  if (!holder) return 'a session that has ended since'
  if (holder.pid === null) return 'a prepared transaction (pg_prepared_xacts)'
  const who = [holder.program, holder.role && `role ${holder.role}`].filter(Boolean).join(', ')
  const since = holder.since === null ? '' : `, in a transaction since ${new Date(holder.since).toISOString()}`
  return `session ${holder.pid} (${who})${since}`
}

import { OWN_CHANNEL } from '../../../domain/channel'
import type { Sql, Statement } from '../open-sql'
import { NOW } from '../time'

/** Which process scores which date, by the database's clock. */

/** $1 date, $2 for how long, $3 whether one that is done is scored anew. */
const BEGIN: Statement = {
  name: 'suspicion-begin',
  text: `
    with taken as (
      insert into suspicion_runs (business_date, held_until) values ($1, ${NOW} + $2::bigint)
      on conflict (business_date) do update set held_until = excluded.held_until
        where suspicion_runs.held_until <= ${NOW} and (suspicion_runs.finished_at is null or $3::boolean)
      returning 1
    )
    select exists (select 1 from taken) as taken,
      (select held_until > ${NOW} from suspicion_runs where business_date = $1) as held`,
}

const KEEP: Statement = {
  name: 'suspicion-keep',
  text: `update suspicion_runs set held_until = ${NOW} + $2::bigint where business_date = $1`,
}

const FINISH: Statement = {
  name: 'suspicion-finish',
  text: `
    update suspicion_runs set held_until = 0, finished_at = $2, merchants = $3, found = $4 where business_date = $1`,
}

/** $1 from. Scored before its reconciliation it is due all the same: whoever had it scored early has hidden nothing. */
const DUE: Statement = {
  name: 'suspicion-due',
  text: `
    select min(statement_date) as date from reconciliations r
    where channel = '${OWN_CHANNEL}' and statement_date >= $1::date and matched_at is not null and not exists (
      select 1 from suspicion_runs s where s.business_date = r.statement_date and s.finished_at >= r.matched_at)`,
}

export async function begin(sql: Sql, date: string, holdMs: number, anew: boolean) {
  const [row] = await sql.run<{ taken: boolean; held: boolean | null }>(BEGIN, [date, holdMs, anew])
  if (row!.taken) return 'begun'
  return row!.held ? 'running' : 'done'
}

export async function keep(sql: Sql, date: string, holdMs: number): Promise<void> {
  await sql.run(KEEP, [date, holdMs])
}

export async function finish(
  sql: Sql,
  date: string,
  { merchants, found }: { merchants: number; found: number },
  now: number,
) {
  await sql.run(FINISH, [date, now, merchants, found])
}

export async function dueFrom(sql: Sql, from: string): Promise<string | undefined> {
  const [row] = await sql.run<{ date: string | null }>(DUE, [from])
  return row?.date ?? undefined
}

import { CompiledQuery, sql as raw } from 'kysely'
import { addDays } from '../../../domain/business-date'
import type {
  BeginRefusal,
  BeginResult,
  Deed,
  ReconciledDay,
  Reconciliation,
  ReconciliationResult,
  StatementManifest,
} from '../../../flow/ports'
import type { DeedLog } from '../deed/log'
import { isDue } from '../due'
import type { Sql, Statement } from '../open-sql'

/** $1 date, $2 the day before. Days are reconciled in turn, from whichever was the first. */
const PLACE: Statement = {
  name: 'reconciliation-place',
  text: `
    select
      (select sha256 from reconciliations where statement_date = $1 and matched_at is not null) as matched_sha256,
      (select sha256 from reconciliations where statement_date = $1 and matched_at is null) as begun_sha256,
      exists (select 1 from reconciliations where statement_date > $1 and matched_at is not null) as passed,
      exists (select 1 from reconciliations where statement_date < $1 and matched_at is not null)
        and not exists (select 1 from reconciliations where statement_date = $2 and matched_at is not null) as gap`,
}

/** $1 date, $2 sha256, $3 bytes, $4 lines, $5 totals, $6 now, $7 held until. One process at a time has the day. */
const CLAIM: Statement = {
  name: 'reconciliation-claim',
  text: `
    insert into reconciliations (statement_date, sha256, bytes, lines, totals, started_at, held_until)
    values ($1, $2, $3, $4, $5::jsonb, $6, $7)
    on conflict (statement_date) do update
      set sha256 = excluded.sha256, bytes = excluded.bytes, lines = excluded.lines, totals = excluded.totals,
          held_until = excluded.held_until
      where ${isDue('reconciliations.held_until', '$6::bigint', '2 * ($7::bigint - $6::bigint)')}
    returning statement_date`,
}

/** $1 date, $2 how many: lines of an attempt that never came to its end, with a file that was another. */
const DROP: Statement = {
  name: 'statement-drop',
  text: `
    delete from statement_lines where statement_date = $1 and line_no in (
      select line_no from statement_lines where statement_date = $1 limit $2::integer
    ) returning line_no`,
}
const DROP_LINES = 20_000

const HOLD: Statement = {
  name: 'reconciliation-hold',
  text: 'update reconciliations set held_until = $2 where statement_date = $1',
}

/** $1 date, $2 now, $3 result. What was signed stays. */
const FINISH: Statement = {
  name: 'reconciliation-finish',
  text: `
    update reconciliations
    set matched_at = coalesce(matched_at, $2::bigint), result = coalesce(result, $3::jsonb), held_until = 0
    where statement_date = $1`,
}

const IS_MATCHED: Statement = {
  name: 'reconciliation-matched',
  text: 'select 1 from reconciliations where statement_date = $1 and matched_at is not null',
}

const READ: Statement = {
  name: 'reconciliation',
  text: `
    select statement_date as date, sha256, bytes, lines, totals, started_at as "startedAt", matched_at as "matchedAt", result,
      coalesce((
        select jsonb_agg(jsonb_build_object('class', class, 'state', state, 'count', n) order by class, state)
        from (
          select class, state, count(*) as n from differences where statement_date = $1 group by class, state
        ) c
      ), '[]') as differences
    from reconciliations where statement_date = $1 and matched_at is not null`,
}

export async function begin(sql: Sql, manifest: StatementManifest, now: number, holdMs: number): Promise<BeginResult> {
  const { date, sha256, bytes, lines, totals } = manifest
  const [place] = await sql.run<Place>(PLACE, [date, addDays(date, -1)])
  const code = refusal(place!, sha256)
  if (code) return { kind: 'refused', code, detail: `reconciliation of ${date}` }
  const claim = [date, sha256, bytes, lines, JSON.stringify(totals), now, now + holdMs]
  if ((await sql.run(CLAIM, claim)).length === 0)
    return { kind: 'refused', code: 'reconciliation-running', detail: `another process reconciles ${date}` }
  if (place!.matched_sha256 !== null) return { kind: 'again' }
  if (place!.begun_sha256 !== null && place!.begun_sha256 !== sha256)
    while ((await sql.run(DROP, [date, DROP_LINES])).length > 0);
  return { kind: 'begun' }
}

interface Place {
  matched_sha256: string | null
  begun_sha256: string | null
  passed: boolean
  gap: boolean
}

function refusal({ matched_sha256, passed, gap }: Place, sha256: string): BeginRefusal | undefined {
  if (matched_sha256 !== null) return matched_sha256 === sha256 ? undefined : 'statement-changed'
  if (passed) return 'day-passed'
  return gap ? 'day-before-missing' : undefined
}

export async function hold(sql: Sql, date: string, until: number): Promise<void> {
  await sql.run(HOLD, [date, until])
}

export async function finish(
  sql: Sql,
  deeds: DeedLog | undefined,
  date: string,
  result: ReconciliationResult,
  now: number,
  deed: Deed | undefined,
): Promise<void> {
  const values = [date, now, JSON.stringify(result)]
  if (!deeds || !deed) return void (await sql.run(FINISH, values))
  await sql.db.transaction().execute(async (tx) => {
    await tx.executeQuery(CompiledQuery.raw(FINISH.text, values))
    await deeds.write(tx, deed)
  })
}

export async function days(sql: Sql, from: string, to: string): Promise<ReconciledDay[]> {
  const { rows } = await raw<ReconciledDay>`
    select statement_date as date, lines, matched_at as "matchedAt", held_until as "heldUntil",
      (select count(*) from differences d where d.statement_date = r.statement_date and d.state = 'open') as "openCount",
      coalesce((result ->> 'proven')::boolean, false) as proven, coalesce((result ->> 'unanswered')::integer, 0) as unanswered
    from reconciliations r where statement_date between ${from}::date and ${to}::date
    order by statement_date desc`.execute(sql.db)
  return rows
}

export async function lastMatched(sql: Sql): Promise<string | undefined> {
  const { rows } = await raw<{ date: string }>`
    select statement_date as date from reconciliations where matched_at is not null
    order by statement_date desc limit 1`.execute(sql.db)
  return rows[0]?.date
}

export async function isMatched(sql: Sql, date: string): Promise<boolean> {
  return (await sql.run(IS_MATCHED, [date])).length > 0
}

export async function reconciliation(sql: Sql, date: string): Promise<Reconciliation | undefined> {
  const [row] = await sql.run<StatementManifest & Omit<Reconciliation, 'manifest'>>(READ, [date])
  if (!row) return undefined
  const { sha256, bytes, lines, totals, ...rest } = row
  const { startedAt, matchedAt, result, differences } = rest
  return { manifest: { date, sha256, bytes, lines, totals }, startedAt, matchedAt, result, differences }
}

import { CompiledQuery, sql as raw } from 'kysely'
import type { ChannelName } from '../../../domain/channel'
import { type BookDay, dayName, NO_TOTALS } from '../../../domain/match'
import {
  type BeginRefusal,
  type BeginResult,
  type Deed,
  type Hold,
  HoldLost,
  type ReconciledDay,
  type Reconciliation,
  type ReconciliationResult,
  type StatementManifest,
} from '../../../flow/ports'
import type { DeedLog } from '../deed/log'
import { isDue } from '../due'
import type { Sql, Statement } from '../open-sql'
import { NOW } from '../time'
import { LEFT } from './left'
import { seeReissued } from './reissued'

/** $n for how long a day may be held. By the database's own clock: processes whose clocks differ agree on who has a day. */
const free = (heldMs: string) => isDue('reconciliations.held_until', NOW, `2 * ${heldMs}::bigint`)

/** $1 channel, $2 date, $3 for how long it may be held. One row, of nulls where nobody has begun. */
const PLACE: Statement = {
  name: 'reconciliation-place',
  text: `
    select reconciliations.sha256, reconciliations.matched_at is not null as matched, reconciliations.run,
      not coalesce(${free('$3')}, true) as held
    from (values (1)) as one
    left join reconciliations on reconciliations.channel = $1 and reconciliations.statement_date = $2`,
}

/**
 * $1 channel, $2 date, $3 sha256, $4 bytes, $5 lines, $6 totals, $7 now, $8 for how long, $9–$10 the run and whether it was
 * done when we looked. Nothing happens if anybody has been there since, or if a process has it.
 */
const CLAIM: Statement = {
  name: 'reconciliation-claim',
  text: `
    insert into reconciliations (channel, statement_date, sha256, bytes, lines, totals, started_at, held_until, run)
    values ($1, $2, $3, $4, $5, $6::jsonb, $7, ${NOW} + $8::bigint, gen_random_uuid()::text)
    on conflict (channel, statement_date) do update
      set sha256 = excluded.sha256, bytes = excluded.bytes, lines = excluded.lines, totals = excluded.totals,
          held_until = excluded.held_until, run = excluded.run
      where reconciliations.run = $9::text and (reconciliations.matched_at is not null) = $10::boolean
        and ${free('$8')}
    returning run`,
}

/**
 * $1 channel, $2 date, $3 run: one row while the day is this run's. `for share` keeps it so until the statement that asks has
 * ended: who takes the day over waits for that, and never meets a write of ours afterwards.
 */
export const MINE = `
  select 1 from reconciliations where channel = $1 and statement_date = $2 and run = $3 for share`

/** $1 channel, $2 date, $3 how many: lines of an attempt that never came to its end, with a file that was another. */
const DROP: Statement = {
  name: 'statement-drop',
  text: `
    delete from statement_lines where channel = $1 and statement_date = $2 and line_no in (
      select line_no from statement_lines where channel = $1 and statement_date = $2 limit $3::integer
    ) returning line_no`,
}
const DROP_LINES = 20_000

/** $1 channel, $2 date: what that attempt found; nobody could decide on it, since the day wasn't done. */
const FORGET: Statement = {
  name: 'differences-forget',
  text: 'delete from differences where channel = $1 and statement_date = $2',
}

/** $1–$3 the day and its run, $4 for how long. */
const KEEP: Statement = {
  name: 'reconciliation-keep',
  text: `
    with kept as (
      update reconciliations set held_until = ${NOW} + $4::bigint
      where channel = $1 and statement_date = $2 and run = $3 returning 1
    )
    select exists (select 1 from kept) as mine`,
}

const GIVE_UP: Statement = {
  name: 'reconciliation-give-up',
  text: 'update reconciliations set held_until = 0 where channel = $1 and statement_date = $2 and run = $3',
}

/** $1–$3 the day and its run, $4 now, $5 result. What was signed stays. */
const FINISH = `
    update reconciliations
    set matched_at = coalesce(matched_at, $4::bigint), result = coalesce(result, $5::jsonb), held_until = 0
    where channel = $1 and statement_date = $2 and run = $3 returning 1`

const IS_MATCHED: Statement = {
  name: 'reconciliation-matched',
  text: 'select 1 from reconciliations where channel = $1 and statement_date = $2 and matched_at is not null',
}

const READ: Statement = {
  name: 'reconciliation',
  text: `
    select statement_date as date, sha256, bytes, lines, totals, started_at as "startedAt", matched_at as "matchedAt", result,
      coalesce((
        select jsonb_agg(jsonb_build_object('class', class, 'state', state, 'count', n) order by class, state)
        from (
          select class, state, count(*) as n from differences where channel = $1 and statement_date = $2 group by class, state
        ) c
      ), '[]') as differences,
      ${LEFT} as left,
      case when reissued_sha256 is not null then jsonb_build_object(
        'sha256', reissued_sha256, 'lines', reissued_lines, 'seenAt', reissued_at, 'by', reissue_by, 'note', reissue_note
      ) end as reissued
    from reconciliations where channel = $1 and statement_date = $2 and matched_at is not null`,
}

/** As often as others come between looking and taking: whoever is faster every time has the day. */
const TRIES = 3

export async function begin(
  sql: Sql,
  { channel, date }: BookDay,
  manifest: StatementManifest,
  now: number,
  holdMs: number,
): Promise<BeginResult> {
  const { sha256, bytes, lines, totals } = manifest
  const detail = `reconciliation of ${dayName({ channel, date })}`
  for (let tries = 1; tries <= TRIES; tries++) {
    const [place] = await sql.run<Place>(PLACE, [channel, date, holdMs])
    const code = refusal(place!, sha256)
    if (code === 'statement-changed') await seeReissued(sql, { channel, date }, manifest, now)
    if (code) return { kind: 'refused', code, detail }
    const seen = [place!.run ?? '', place!.matched]
    const claim = [channel, date, sha256, bytes, lines, JSON.stringify(totals), now, holdMs, ...seen]
    const [claimed] = await sql.run<{ run: string }>(CLAIM, claim)
    if (!claimed) continue
    const hold = { channel, date, run: claimed.run }
    if (place!.matched) return { kind: 'again', hold }
    if (place!.sha256 !== null && place!.sha256 !== sha256) {
      await sql.run(FORGET, [channel, date])
      while ((await sql.run(DROP, [channel, date, DROP_LINES])).length > 0);
    }
    return { kind: 'begun', hold }
  }
  return { kind: 'refused', code: 'reconciliation-running', detail }
}

/** `sha256` and `run` are null where nobody has begun. */
interface Place {
  sha256: string | null
  matched: boolean
  run: string | null
  held: boolean
}

function refusal({ matched, held, ...place }: Place, sha256: string): BeginRefusal | undefined {
  if (matched && place.sha256 !== sha256) return 'statement-changed'
  return held ? 'reconciliation-running' : undefined
}

/** Runs what begins with `mine`, {@link MINE}. @throws HoldLost */
export async function held<Row>(sql: Sql, hold: Hold, statement: Statement, values: readonly unknown[]): Promise<Row> {
  const { channel, date, run } = hold
  const [row] = await sql.run<Row & { mine: boolean }>(statement, [channel, date, run, ...values])
  if (!row?.mine) throw lost(hold)
  return row
}

const lost = (hold: Hold) => new HoldLost(`another process has taken over the reconciliation of ${dayName(hold)}`)

export async function keep(sql: Sql, hold: Hold, holdMs: number): Promise<void> {
  await held(sql, hold, KEEP, [holdMs])
}

export async function giveUp(sql: Sql, { channel, date, run }: Hold): Promise<void> {
  await sql.run(GIVE_UP, [channel, date, run])
}

export async function finish(
  sql: Sql,
  deeds: DeedLog | undefined,
  hold: Hold,
  result: ReconciliationResult,
  now: number,
  deed: Deed | undefined,
): Promise<void> {
  const { channel, date, run } = hold
  await sql.transaction(async (tx) => {
    const values = [channel, date, run, now, JSON.stringify(result)]
    const { rows } = await tx.executeQuery(CompiledQuery.raw(FINISH, values))
    if (rows.length === 0) throw lost(hold)
    if (deed) await deeds?.write(tx, deed)
  })
}

export async function days(sql: Sql, channel: ChannelName, from: string, to: string): Promise<ReconciledDay[]> {
  const { rows } = await raw<ReconciledDay>`
    select channel, statement_date as date, lines, matched_at as "matchedAt", held_until > ${raw.raw(NOW)} as held,
      (
        select count(*) from differences d
        where d.channel = reconciliations.channel and d.statement_date = reconciliations.statement_date and d.state = 'open'
      ) as "openCount",
      reissued_sha256 is not null and reissue_by is null as reissued, result, ${raw.raw(LEFT)} as left
    from reconciliations where channel = ${channel} and statement_date between ${from}::date and ${to}::date
    order by statement_date desc`.execute(sql.db)
  return rows
}

export async function lastMatched(sql: Sql, channel: ChannelName): Promise<string | undefined> {
  const { rows } = await raw<{ date: string }>`
    select statement_date as date from reconciliations where channel = ${channel} and matched_at is not null
    order by statement_date desc limit 1`.execute(sql.db)
  return rows[0]?.date
}

export async function isMatched(sql: Sql, { channel, date }: BookDay): Promise<boolean> {
  return (await sql.run(IS_MATCHED, [channel, date])).length > 0
}

export async function reconciliation(sql: Sql, { channel, date }: BookDay): Promise<Reconciliation | undefined> {
  const [row] = await sql.run<StatementManifest & Omit<Reconciliation, 'channel' | 'manifest'>>(READ, [channel, date])
  if (!row) return undefined
  const { sha256, bytes, lines, totals, result, ...rest } = row
  // Of before there was a window everything that was absent was carried.
  return {
    channel,
    manifest: { date, sha256, bytes, lines, totals },
    result: { ...result, short: result.short ?? NO_TOTALS },
    ...rest,
  }
}

/**
 * $1 channel. Once a day is done it is the first, and the orders needn't be asked. What stays of archived days is of days that are closed. The next
 * entry of an index, whosever channel it is: asked for by the channel alone, orders of others were read until there was one of it.
 */
const FIRST_DAY: Statement = {
  name: 'reconciliation-first-day',
  text: `
    select coalesce(
      (select min(statement_date) from reconciliations where channel = $1 and matched_at is not null),
      (
        select business_date from (
          select channel, business_date from orders
          where (channel, business_date) > ($1, coalesce((select max(business_date) from archived_days), date '-infinity'))
          order by channel, business_date limit 1
        ) next where channel = $1
      )
    ) as date`,
}

export async function firstDay(sql: Sql, channel: ChannelName): Promise<string | undefined> {
  const [row] = await sql.run<{ date: string | null }>(FIRST_DAY, [channel])
  return row?.date ?? undefined
}

export async function openDays(
  sql: Sql,
  channel: ChannelName,
  from: string,
  to: string,
  limit: number,
): Promise<string[]> {
  const { rows } = await raw<{ date: string }>`
    select d::date as date from generate_series(${from}::date, ${to}::date, interval '1 day') d
    where not exists (
      select 1 from reconciliations r where r.channel = ${channel} and r.statement_date = d::date and r.matched_at is not null
    )
    order by d limit ${limit}`.execute(sql.db)
  return rows.map((row) => row.date)
}

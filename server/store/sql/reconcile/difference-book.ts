import { CompiledQuery, type Transaction } from 'kysely'
import type { ChannelName } from '../../../domain/channel'
import type { Difference } from '../../../domain/difference'
import type { BookDay, StatementLine } from '../../../domain/match'
import type { Deed, Hold, ProposeResult, ResolveResult } from '../../../flow/ports'
import type { DeedLog } from '../deed/log'
import type { Sql, Statement } from '../open-sql'
import type { Tables } from '../tables'
import { RETURNED_BY, UNSETTLED } from './left'
import { linesOf } from './pack-lines'
import { held, MINE } from './run'

const COLUMNS = `
  difference_id as "differenceId", channel, statement_date as "statementDate", class, detail, kind, order_no as "orderNo",
  refund_no as "refundNo", own, line, proposal, state, found_at as "foundAt", resolved_at as "resolvedAt",
  resolved_by as "resolvedBy", note, proposed_by as "proposedBy", proposed_at as "proposedAt", mended_by as "mendedBy",
  mended_at as "mendedAt", revision, owed_fen as "owedFen", payment, ${RETURNED_BY} as "returnedBy", (
    select jsonb_build_object('refundNo', r.refund_no, 'state', r.state, 'failReason', r.fail_reason) from refunds r
    where r.difference_id = differences.difference_id order by r.created_at desc, r.refund_no desc limit 1
  ) as refund`

/** Its day is done: the file is final. */
const DONE = `exists (
        select 1 from reconciliations r
        where r.channel = differences.channel and r.statement_date = differences.statement_date and r.matched_at is not null
      )`

/** $1–$3 the day and its run, $4 differences of it, their fields being the columns here. */
const ADD: Statement = {
  name: 'differences-add',
  text: `
    with mine as materialized (${MINE}), added as (
      insert into differences (difference_id, channel, statement_date, class, detail, kind, order_no, refund_no, own, line,
        proposal, owed_fen, state, found_at)
      select d."differenceId", $1, $2, d.class, d.detail, d.kind, d."orderNo", d."refundNo",
        nullif(d.own, 'null'), nullif(d.line, 'null'), d.proposal, d."owedFen", 'open', d."foundAt"
      from mine cross join jsonb_to_recordset($4::jsonb) as d("differenceId" text, class text, detail text, kind text,
        "orderNo" text, "refundNo" text, own jsonb, line jsonb, proposal jsonb, "owedFen" bigint,
        "foundAt" bigint)
      on conflict do nothing
      returning 1
    )
    select exists (select 1 from mine) as mine, (select count(*) from added) as count`,
}

/** The channel has put it right, by the statement of $2, at $4: before anybody decided, or after it was rejected. */
const PUT_RIGHT = `
      set state = case d.state when 'open' then 'cleared' else 'mended' end, revision = d.revision + 1,
        resolved_at = coalesce(d.resolved_at, $4::bigint),
        resolved_by = coalesce(d.resolved_by, 'statement of ' || $2::date),
        mended_at = case d.state when 'rejected' then $4::bigint end,
        mended_by = case d.state when 'rejected' then 'statement of ' || $2::date end`

/** $1–$3 the day and its run, $4 now. */
const CLEAR_SHORTS: Statement = {
  name: 'differences-clear-shorts',
  text: `
    with mine as materialized (${MINE}), cleared as (
      update differences d ${PUT_RIGHT}
      from mine
      where d.channel = $1 and d.class = 'short' and d.state in ('open', 'rejected') and d.statement_date < $2::date and exists (
        select 1 from ${linesOf('$1', 'd.order_no')} l
        where l.statement_date = $2::date and l.kind = d.kind and l.refund_no is not distinct from d.refund_no
      )
      returning 1
    )
    select exists (select 1 from mine) as mine, (select count(*) from cleared) as count`,
}

/** Of a day that isn't done there is nothing to decide yet: the file may still be another. */
const SETTLE: Statement = {
  name: 'differences-settle',
  text: `
    with mine as materialized (${MINE}), settled as (
      update differences d ${PUT_RIGHT}
      from mine cross join jsonb_to_recordset($5::jsonb) as n(kind text, "orderNo" text, "refundNo" text)
      where d.channel = $1 and d.order_no = n."orderNo" and d.kind = n.kind and d.refund_no is not distinct from n."refundNo"
        and d.state in ('open', 'rejected') and d.statement_date <= $2::date
      returning 1
    )
    select exists (select 1 from mine) as mine, (select count(*) from settled) as count`,
}

const ONE: Statement = {
  name: 'difference',
  text: `
    select ${COLUMNS} from differences where difference_id = $1 and ${DONE}`,
}

/** $1 channel, $2 date, $3 the last id of the page before or null, $4 how many. */
const PAGE: Statement = {
  name: 'differences-page',
  text: `
    select ${COLUMNS} from differences
    where channel = $1 and statement_date = $2
      and seq > coalesce((select seq from differences where difference_id = $3::text), 0)
    order by seq limit $4::integer`,
}

/** $1 channel or null for all, $2 the last id of the page before or null, $3 how many. */
const LEFT: Statement = {
  name: 'differences-unsettled',
  text: `
    select ${COLUMNS} from differences
    where ${UNSETTLED} and ($1::text is null or channel = $1)
      and seq > coalesce((select seq from differences where difference_id = $2::text), 0)
    order by seq limit $3::integer`,
}

/** $1 difference, $2 now, $3 operator, $4 the revision that was looked at. */
const PROPOSE = `
    update differences set proposed_at = $2::bigint, proposed_by = $3::text, revision = revision + 1
    where difference_id = $1 and state = 'open' and proposed_by is null and revision = $4::integer and ${DONE}
    returning ${COLUMNS}`

/**
 * $1 difference, $2 decision, $3 now, $4 operator, $5 note, $6 refund number, $7 business date, $8 the revision that was looked
 * at. All of it only if the difference was open and its day is done, and if another one proposed what is accepted: the entries are new postings, each under a correction id of its own; the refund is a row like any
 * other's, which the sweeper sends and the channel ends. A number of another channel's order names no order of ours here.
 */
const RESOLVE = `
    with resolved as (
      update differences set state = $2::text, resolved_at = $3::bigint, resolved_by = $4::text, note = $5::text,
        revision = revision + 1
      where difference_id = $1 and state = 'open' and revision = $8::integer and ${DONE}
        and ($2 = 'rejected' or proposed_by <> $4)
      returning *
    ), accepted as (
      select * from resolved where state = 'accepted'
    ), posted as (
      insert into postings (order_no, refund_no, correction_id, account, role, amount_fen, posted_at)
      select o.order_no, r.refund_no, a.difference_id || '/' || e.n, p.account, p.role, p."amountFen", a.resolved_at
      from accepted a
      cross join jsonb_array_elements(a.proposal -> 'entries') with ordinality as e(entry, n)
      cross join jsonb_to_recordset(e.entry -> 'postings') as p(account text, role text, "amountFen" bigint)
      left join orders o on o.order_no = a.order_no and o.channel = a.channel
      left join refunds r on r.refund_no = a.refund_no and r.order_no = o.order_no
    ), refund as (
      insert into refunds (refund_no, order_no, channel, merchant_code, branch_code, business_date, payer_fen, merchant_fen, gl_fen, reason,
        idempotency_key, input_hash, state, created_at, next_query_at, difference_id)
      select $6::text, o.order_no, o.channel, o.merchant_code, o.branch_code, $7::date, s."payerFen", s."merchantFen", s."glFen",
        'correction ' || a.difference_id, 'correction ' || a.difference_id, '', 'refunding', a.resolved_at, a.resolved_at,
        a.difference_id
      from accepted a
      join orders o on o.order_no = a.order_no and o.channel = a.channel
      cross join jsonb_to_record(nullif(a.proposal -> 'refund', 'null'))
        as s("payerFen" bigint, "merchantFen" bigint, "glFen" bigint)
      where a.proposal -> 'refund' <> 'null'
      returning refund_no, created_at
    ), noted as (
      insert into refund_events (refund_no, kind, at) select refund_no, 'opened', created_at from refund
    )
    select difference_id from resolved`

/** Returns how many are new. */
export async function addDifferences(sql: Sql, hold: Hold, differences: readonly Difference[]): Promise<number> {
  if (differences.length === 0) return 0
  return (await held<{ count: number }>(sql, hold, ADD, [JSON.stringify(differences)])).count
}

export async function clearShorts(sql: Sql, hold: Hold, now: number): Promise<number> {
  return (await held<{ count: number }>(sql, hold, CLEAR_SHORTS, [now])).count
}

export async function settle(sql: Sql, hold: Hold, lines: readonly StatementLine[], now: number): Promise<number> {
  if (lines.length === 0) return 0
  return (await held<{ count: number }>(sql, hold, SETTLE, [now, JSON.stringify(lines)])).count
}

export async function unsettled(
  sql: Sql,
  channel: ChannelName | undefined,
  after: string | undefined,
  limit: number,
): Promise<Difference[]> {
  return sql.run<Difference>(LEFT, [channel ?? null, after ?? null, limit])
}

export async function difference(sql: Sql, differenceId: string): Promise<Difference | undefined> {
  const [row] = await sql.run<Difference>(ONE, [differenceId])
  return row
}

/** As it stands in a transaction that decides on it, held until its end. */
export async function lockedDifference(tx: Transaction<Tables>, differenceId: string): Promise<Difference | undefined> {
  await tx.executeQuery(
    CompiledQuery.raw('select 1 from differences where difference_id = $1 for update', [differenceId]),
  )
  return (await tx.executeQuery<Difference>(CompiledQuery.raw(ONE.text, [differenceId]))).rows[0]
}

export async function differences(
  sql: Sql,
  { channel, date }: BookDay,
  after: string | undefined,
  limit: number,
): Promise<Difference[]> {
  return sql.run<Difference>(PAGE, [channel, date, after ?? null, limit])
}

export async function resolve(
  sql: Sql,
  deeds: DeedLog | undefined,
  input: {
    differenceId: string
    decision: 'accepted' | 'rejected'
    operator: string
    note: string
    now: number
    revision: number
    refundNo: string
    businessDate: string
    deed: Deed
  },
): Promise<ResolveResult> {
  const { differenceId, decision, now, revision, operator, note, refundNo, businessDate } = input
  const values = [differenceId, decision, now, operator, note, refundNo, businessDate, revision]
  const resolved = await sql.transaction(async (tx) => {
    const { rows } = await tx.executeQuery(CompiledQuery.raw(RESOLVE, values))
    if (rows[0]) await deeds?.write(tx, input.deed)
    return rows.length > 0
  })
  const known = await difference(sql, differenceId)
  if (!known) return { kind: 'not-found' }
  if (resolved) return { kind: 'resolved', difference: known }
  if (known.state !== 'open') return { kind: 'already-resolved', difference: known }
  if (decision === 'rejected') return { kind: 'revision-changed' }
  if (known.proposedBy === null) return { kind: 'not-proposed' }
  return { kind: known.proposedBy === operator ? 'own-proposal' : 'revision-changed' }
}

export async function propose(
  sql: Sql,
  deeds: DeedLog | undefined,
  input: { differenceId: string; operator: string; now: number; revision: number; deed: Deed },
): Promise<ProposeResult> {
  const { differenceId, operator, now, revision } = input
  const proposed = await sql.transaction(async (tx) => {
    const { rows } = await tx.executeQuery<Difference>(
      CompiledQuery.raw(PROPOSE, [differenceId, now, operator, revision]),
    )
    if (rows[0]) await deeds?.write(tx, input.deed)
    return rows[0]
  })
  if (proposed) return { kind: 'proposed', difference: proposed }
  const known = await difference(sql, differenceId)
  if (!known) return { kind: 'not-found' }
  if (known.state !== 'open') return { kind: 'already-resolved', difference: known }
  return known.proposedBy === null ? { kind: 'revision-changed' } : { kind: 'already-proposed', difference: known }
}

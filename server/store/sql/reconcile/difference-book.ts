import { CompiledQuery } from 'kysely'
import type { Difference } from '../../../domain/match'
import type { Deed, ResolveResult } from '../../../flow/ports'
import type { DeedLog } from '../deed/log'
import type { Sql, Statement } from '../open-sql'

const COLUMNS = `
  difference_id as "differenceId", statement_date as "statementDate", class, detail, kind, order_no as "orderNo",
  refund_no as "refundNo", own, line, proposal, state, found_at as "foundAt", resolved_at as "resolvedAt",
  resolved_by as "resolvedBy", note`

/** $1 differences, their fields being the columns here. */
const ADD: Statement = {
  name: 'differences-add',
  text: `
    insert into differences (difference_id, statement_date, class, detail, kind, order_no, refund_no, own, line, proposal,
      state, found_at)
    select d."differenceId", d."statementDate", d.class, d.detail, d.kind, d."orderNo", d."refundNo",
      nullif(d.own, 'null'), nullif(d.line, 'null'), d.proposal, 'open', d."foundAt"
    from jsonb_to_recordset($1::jsonb) as d("differenceId" text, "statementDate" date, class text, detail text, kind text,
      "orderNo" text, "refundNo" text, own jsonb, line jsonb, proposal jsonb, "foundAt" bigint)
    on conflict (difference_id) do nothing
    returning difference_id`,
}

/** $1 date, $2 now. */
const CLEAR_SHORTS: Statement = {
  name: 'differences-clear-shorts',
  text: `
    update differences d
    set state = 'cleared', resolved_at = $2::bigint, resolved_by = 'statement of ' || $1::date
    where d.class = 'short' and d.state = 'open' and d.statement_date < $1::date and exists (
      select 1 from statement_lines l
      where l.statement_date = $1::date and l.order_no = d.order_no and l.kind = d.kind
        and l.refund_no is not distinct from d.refund_no
    )
    returning d.difference_id`,
}

const ONE: Statement = { name: 'difference', text: `select ${COLUMNS} from differences where difference_id = $1` }

/** $1 date, $2 the last id of the page before or null, $3 how many. */
const PAGE: Statement = {
  name: 'differences-page',
  text: `
    select ${COLUMNS} from differences
    where statement_date = $1
      and seq > coalesce((select seq from differences where difference_id = $2::text), 0)
    order by seq limit $3::integer`,
}

/**
 * $1 difference, $2 decision, $3 now, $4 operator, $5 note, $6 refund number, $7 business date. All of it only if the
 * difference was open: the entries are new postings, each under a correction id of its own; the refund is a row like any
 * other's, which the sweeper sends and the channel ends.
 */
const RESOLVE = `
    with resolved as (
      update differences set state = $2::text, resolved_at = $3::bigint, resolved_by = $4::text, note = $5::text
      where difference_id = $1 and state = 'open'
      returning *
    ), accepted as (
      select * from resolved where state = 'accepted'
    ), posted as (
      insert into postings (order_no, refund_no, correction_id, account, role, amount_fen, posted_at)
      select o.order_no, r.refund_no, a.difference_id || '/' || e.n, p.account, p.role, p."amountFen", a.resolved_at
      from accepted a
      cross join jsonb_array_elements(a.proposal -> 'entries') with ordinality as e(entry, n)
      cross join jsonb_to_recordset(e.entry -> 'postings') as p(account text, role text, "amountFen" bigint)
      left join orders o on o.order_no = a.order_no
      left join refunds r on r.refund_no = a.refund_no and r.order_no = a.order_no
    ), refund as (
      insert into refunds (refund_no, order_no, merchant_code, business_date, payer_fen, merchant_fen, gl_fen, reason,
        idempotency_key, input_hash, state, created_at, next_query_at)
      select $6::text, o.order_no, o.merchant_code, $7::date, s."payerFen", s."merchantFen", s."glFen",
        'correction ' || a.difference_id, 'correction ' || a.difference_id, '', 'refunding', a.resolved_at, a.resolved_at
      from accepted a
      join orders o on o.order_no = a.order_no
      cross join jsonb_to_record(nullif(a.proposal -> 'refund', 'null'))
        as s("payerFen" bigint, "merchantFen" bigint, "glFen" bigint)
      where a.proposal -> 'refund' <> 'null'
      returning refund_no, created_at
    ), noted as (
      insert into refund_events (refund_no, kind, at) select refund_no, 'opened', created_at from refund
    )
    select ${COLUMNS} from resolved`

/** Returns how many are new. */
export async function addDifferences(sql: Sql, differences: readonly Difference[]): Promise<number> {
  if (differences.length === 0) return 0
  return (await sql.run(ADD, [JSON.stringify(differences)])).length
}

export async function clearShorts(sql: Sql, date: string, now: number): Promise<number> {
  return (await sql.run(CLEAR_SHORTS, [date, now])).length
}

export async function difference(sql: Sql, differenceId: string): Promise<Difference | undefined> {
  const [row] = await sql.run<Difference>(ONE, [differenceId])
  return row
}

export async function differences(
  sql: Sql,
  date: string,
  after: string | undefined,
  limit: number,
): Promise<Difference[]> {
  return sql.run<Difference>(PAGE, [date, after ?? null, limit])
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
    refundNo: string
    businessDate: string
    deed: Deed
  },
): Promise<ResolveResult> {
  const { differenceId, decision, now, operator, note, refundNo, businessDate } = input
  const values = [differenceId, decision, now, operator, note, refundNo, businessDate]
  const resolved = await sql.db.transaction().execute(async (tx) => {
    const { rows } = await tx.executeQuery<Difference>(CompiledQuery.raw(RESOLVE, values))
    if (rows[0]) await deeds?.write(tx, input.deed)
    return rows[0]
  })
  if (resolved) return { kind: 'resolved', difference: resolved }
  const known = await difference(sql, differenceId)
  return known ? { kind: 'already-resolved', difference: known } : { kind: 'not-found' }
}

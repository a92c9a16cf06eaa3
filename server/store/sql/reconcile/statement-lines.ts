import type { EntryKind, StatementLine, Totals } from '../../../domain/match'
import type { Order } from '../../../domain/order'
import type { OpenMatch } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'
import { orderColumns, orderOf } from '../rows'
import type { OrderRow } from '../tables'
import { type LineRow, lineColumns, lineOf, type SideRow, sideSums, totalsOfRows } from './statement-rows'

/** $1 date, then a column of each. A line that is kept already stays, so an attempt that died is taken up again. */
const STAGE: Statement = {
  name: 'statement-stage',
  text: `
    insert into statement_lines (statement_date, ${lineColumns()})
    select $1::date, * from unnest(
      $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[],
      $8::bigint[], $9::bigint[], $10::bigint[], $11::text[], $12::text[])
    on conflict do nothing`,
}

const STAGED: Statement = {
  name: 'statement-staged',
  text: `select kind, ${sideSums()} from statement_lines where statement_date = $1 and line_no between $2 and $3 group by kind`,
}

/** So many lines of a sum are far from the statement timeout. */
const SUMMED_LINES = 100_000

/**
 * $1 date, $2 the last number of the page before, $3 how many. Driven by what is open, which is little; the first line of
 * that number ends it.
 */
const OPEN_ORDERS: Statement = {
  name: 'statement-open-orders',
  text: `
    with open as materialized (select order_no as number from orders where state = 'paying')
    select o.number, ${lineColumns('l')}
    from open o
    cross join lateral (
      select ${lineColumns()} from statement_lines l
      where l.order_no = o.number and l.kind = 'clearing' and l.statement_date = $1
      order by l.line_no limit 1
    ) l
    where o.number > $2 order by o.number limit $3::integer`,
}

const OPEN_REFUNDS: Statement = {
  name: 'statement-open-refunds',
  text: `
    with open as materialized (select refund_no as number, order_no from refunds where state = 'refunding')
    select o.number, ${lineColumns('l')}
    from open o
    cross join lateral (
      select ${lineColumns()} from statement_lines l
      where l.order_no = o.order_no and l.refund_no = o.number and l.statement_date = $1
      order by l.line_no limit 1
    ) l
    where o.number > $2 order by o.number limit $3::integer`,
}

/** $1 date, $2 created before, $3 the last number of the page before, $4 how many. */
const ABSENT_PAYING: Statement = {
  name: 'statement-absent-paying',
  text: `
    with open as materialized (
      select ${orderColumns('o')} from orders o
      where o.state = 'paying' and o.channel = 'bank' and o.created_at < $2::bigint
    )
    select ${orderColumns('o')} from open o
    where o.order_no > $3 and not exists (
      select 1 from statement_lines l
      where l.order_no = o.order_no and l.kind = 'clearing' and l.statement_date <= $1
    )
    order by o.order_no limit $4::integer`,
}

export async function stage(sql: Sql, date: string, lines: readonly StatementLine[]): Promise<void> {
  const column = <T>(of: (line: StatementLine) => T) => lines.map(of)
  await sql.run(STAGE, [
    date,
    column((line) => line.lineNo),
    column((line) => line.kind),
    column((line) => line.orderNo),
    column((line) => line.refundNo),
    column((line) => line.channelTradeNo),
    column((line) => line.bookedAt),
    column((line) => line.payerFen),
    column((line) => line.glFen),
    column((line) => line.merchantFen),
    column((line) => line.glAccount),
    column((line) => line.merchantAccount),
  ])
}

/** The sums of what is staged. The planner learns of the new lines here: without it, it takes the table for empty. */
export async function staged(sql: Sql, date: string, lines: number): Promise<Totals> {
  await sql.run({ name: 'statement-analyze', text: 'analyze statement_lines' }, [])
  const rows: SideRow[] = []
  for (let from = 1; from <= lines; from += SUMMED_LINES)
    rows.push(...(await sql.run<SideRow>(STAGED, [date, from, from + SUMMED_LINES - 1])))
  return totalsOfRows(rows)
}

export async function openMatches(
  sql: Sql,
  kind: EntryKind,
  date: string,
  after: string,
  limit: number,
): Promise<OpenMatch[]> {
  const statement = kind === 'clearing' ? OPEN_ORDERS : OPEN_REFUNDS
  const rows = await sql.run<LineRow & { number: string }>(statement, [date, after, limit])
  return rows.map((row) => ({ number: row.number, line: lineOf(row) }))
}

export async function absentPaying(
  sql: Sql,
  date: string,
  createdBefore: number,
  after: string,
  limit: number,
): Promise<Order[]> {
  const rows = await sql.run<OrderRow>(ABSENT_PAYING, [date, createdBefore, after, limit])
  return rows.map(orderOf)
}

import type { BookDay, EntryKind, StatementLine, Totals } from '../../../domain/match'
import type { Order } from '../../../domain/order'
import type { Hold, OpenMatch } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'
import { PAYING_ORDERS } from '../payment/open-orders'
import { orderColumns, orderOf } from '../rows'
import type { OrderRow } from '../tables'
import { LINE_FITS, OWN_OF_ORDER, OWN_OF_REFUND } from './own-rows'
import { linesOf } from './pack-lines'
import { held, MINE } from './run'
import { type LineRow, lineColumns, lineOf, type SideRow, sideSums, totalsOfRows } from './statement-rows'

/** $1–$3 the day and its run, then a column of each. A line that is kept already stays, so an attempt that died is taken up again. */
const STAGE: Statement = {
  name: 'statement-stage',
  text: `
    with mine as materialized (${MINE}), kept as (
      insert into statement_lines (channel, statement_date, ${lineColumns()})
      select $1, $2::date, l.* from mine cross join unnest(
        $4::integer[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[],
        $10::bigint[], $11::bigint[], $12::bigint[], $13::text[], $14::text[], $15::text[], $16::text[]) as l
      on conflict do nothing
    )
    select exists (select 1 from mine) as mine`,
}

const STAGED: Statement = {
  name: 'statement-staged',
  text: `
    select kind, ${sideSums()} from statement_lines
    where channel = $1 and statement_date = $2 and line_no between $3 and $4 group by kind`,
}

/** So many lines of a sum are far from the statement timeout. */
const SUMMED_LINES = 100_000

/**
 * $1 channel, $2 date, $3 the last number of the page before, $4 how many. Driven by what is open, which is little. Of several
 * lines of a number the one that fits ours is given, or the first.
 */
const openStatement = (kind: EntryKind): Statement => ({
  name: `statement-open-${kind}`,
  text: `
    with open as materialized (${
      kind === 'clearing'
        ? `select o.order_no as number, o.order_no, null::text as refund_no, ${OWN_OF_ORDER}
          from ${PAYING_ORDERS} o where o.channel = $1`
        : `select r.refund_no as number, r.order_no, r.refund_no, ${OWN_OF_REFUND}
          from refunds r join orders o on o.order_no = r.order_no where r.state = 'refunding' and o.channel = $1`
    })
    select o.number, ${lineColumns('l')}
    from open o
    cross join lateral (
      select ${lineColumns()} from ${linesOf('$1', 'o.order_no')} e
      where e.statement_date = $2 and e.kind = '${kind}' and e.refund_no is not distinct from o.refund_no
      order by coalesce(${LINE_FITS}, false) desc, e.line_no limit 1
    ) l
    where o.number > $3 order by o.number limit $4::integer`,
})
const OPEN = { clearing: openStatement('clearing'), refund: openStatement('refund') }

/** $1 channel, $2 date, $3 created before, $4 the last number of the page before, $5 how many. */
const ABSENT_PAYING: Statement = {
  name: 'statement-absent-paying',
  text: `
    with open as materialized (
      select ${orderColumns('o')} from ${PAYING_ORDERS} o
      where o.channel = $1 and o.created_at < $3::bigint
    )
    select ${orderColumns('o')} from open o
    where o.order_no > $4 and not exists (
      select 1 from ${linesOf('$1', 'o.order_no')} l
      where l.kind = 'clearing' and l.statement_date <= $2
    )
    order by o.order_no limit $5::integer`,
}

export async function stage(sql: Sql, hold: Hold, lines: readonly StatementLine[]): Promise<void> {
  const column = <T>(of: (line: StatementLine) => T) => lines.map(of)
  await held(sql, hold, STAGE, [
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
    column((line) => line.payerTail),
    column((line) => line.currency),
  ])
}

/** The sums of what is staged. The planner learns of the new lines here: without it, it takes the table for empty. */
export async function staged(sql: Sql, { channel, date }: BookDay, lines: number): Promise<Totals> {
  await sql.run({ name: 'statement-analyze', text: 'analyze statement_lines' }, [])
  const rows: SideRow[] = []
  for (let from = 1; from <= lines; from += SUMMED_LINES)
    rows.push(...(await sql.run<SideRow>(STAGED, [channel, date, from, from + SUMMED_LINES - 1])))
  return totalsOfRows(rows)
}

export async function openMatches(
  sql: Sql,
  kind: EntryKind,
  { channel, date }: BookDay,
  after: string,
  limit: number,
): Promise<OpenMatch[]> {
  const rows = await sql.run<LineRow & { number: string }>(OPEN[kind], [channel, date, after, limit])
  return rows.map((row) => ({ number: row.number, line: lineOf(row) }))
}

export async function absentPaying(
  sql: Sql,
  { channel, date }: BookDay,
  createdBefore: number,
  after: string,
  limit: number,
): Promise<Order[]> {
  const rows = await sql.run<OrderRow>(ABSENT_PAYING, [channel, date, createdBefore, after, limit])
  return rows.map(orderOf)
}

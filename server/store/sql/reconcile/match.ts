import { addDays, endOfBusinessDate } from '../../../domain/business-date'
import { CURRENCY } from '../../../domain/channel'
import type { BookDay, EntryKind, Seen } from '../../../domain/match'
import type { MatchedLines, Misfit, OwnCursor, OwnPage } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'
import { paidOrders, paidReach } from '../payment/paid'
import { LINE_FITS, OWN_OF_ORDER, OWN_OF_REFUND, type OwnRow, ownOf } from './own-rows'
import { LINES, linesOf } from './pack-lines'
import { type LineRow, lineColumns, lineOf, type SideRow, sideJson, totalsOfRows } from './statement-rows'

/**
 * $1 channel, $2 date, $3–$4 first and last line, $5–$6 where our bookings of the date begin and end, ms. A line is plainly balanced when
 * everything of it is ours and it is the first of its number; the rest is for the domain to judge. Each line costs a few
 * look-ups by its number, whatever the size of the books. "Before" is not `(date, line) < (…)`: of a row comparison the
 * planner weighs the first column alone, and would walk the whole file for every line of it (2 ms instead of 2 µs).
 */
const SAME_NUMBER = `e.kind = d.kind
          and e.refund_no is not distinct from d.refund_no and e.statement_date <= $2`

/**
 * As above. Several lines of a number, of this statement and those before, may together come to what we hold: the channel has
 * put its own mistake right, and they are settled — unless somebody accepted the mistake, and our books followed it.
 */
const MATCH: Statement = {
  name: 'reconciliation-match',
  text: `
    with line as materialized (
      select ${lineColumns()} from ${LINES} l
      where channel = $1 and statement_date = $2 and line_no between $3 and $4
    ), matched as (
      select ${lineColumns('l')}, ${OWN_OF_ORDER} from line l
      left join orders o on o.order_no = l.order_no and o.channel = $1
      where l.kind = 'clearing'
      union all
      select ${lineColumns('l')}, ${OWN_OF_REFUND} from line l
      left join (refunds r join orders o on o.order_no = r.order_no and o.channel = $1)
        on r.refund_no = l.refund_no and r.order_no = l.order_no
      where l.kind = 'refund'
    ), seen as materialized (
      select m.*,
        exists (
          select 1 from ${linesOf('$1', 'm.order_no')} e
          where e.kind = m.kind
            and e.refund_no is not distinct from m.refund_no
            and e.statement_date <= $2 and not (e.statement_date = $2 and e.line_no >= m.line_no)
        ) as before,
        exists (
          select 1 from differences d
          where d.channel = $1 and d.class = 'short' and d.state = 'accepted' and d.order_no = m.order_no
            and d.kind = m.kind and d.refund_no is not distinct from m.refund_no and d.statement_date < $2
        ) as reversed,
        case when m.kind = 'clearing' and m.own_state is null then exists (
          select 1 from archived_days a where m.order_no like 'F' || to_char(a.business_date, 'YYYYMMDD') || '-%'
        ) else false end as archived
      from matched m
    ), judged as materialized (
      select *,
        coalesce(own_state = 'booked' and not before, false) as own_first,
        coalesce(
          own_state = 'booked' and not before and not reversed
            and ${LINE_FITS} and own_trade_no = channel_trade_no,
          false) as balanced
      from seen
    ), disputed as materialized (
      select distinct on (kind, order_no, refund_no) * from judged where not balanced order by kind, order_no, refund_no
    ), settled as materialized (
      select d.kind, d.order_no, d.refund_no from disputed d
      where (select count(*) from (select 1 from ${linesOf('$1', 'd.order_no')} e where ${SAME_NUMBER} limit 2) two) = 2
        and not exists (
          select 1 from differences f
          where f.channel = $1 and f.order_no = d.order_no and f.kind = d.kind and f.state = 'accepted'
            and f.refund_no is not distinct from d.refund_no
        ) and not exists (
          select 1 from (
            select leg.account, leg.fen from ${linesOf('$1', 'd.order_no')} e
            cross join lateral (values
              (e.currency, e.payer_fen), ('gl ' || e.gl_account, e.gl_fen), ('to ' || e.merchant_account, e.merchant_fen)
            ) as leg(account, fen)
            where ${SAME_NUMBER}
            union all
            select leg.account, -leg.fen from (values
              ('${CURRENCY}', d.own_payer_fen), ('gl ' || d.own_gl_account, d.own_gl_fen),
              ('to ' || d.own_merchant_account, d.own_merchant_fen)
            ) as leg(account, fen)
            where d.own_state = 'booked'
          ) legs group by account having sum(fen) <> 0
        )
    ), summed as (
      select
        ${sideJson('true')} as theirs,
        ${sideJson('balanced')} as balanced,
        ${sideJson('own_first and own_ended_at >= $5::bigint and own_ended_at < $6::bigint', 'own_')} as own_today,
        ${sideJson('own_first and not (own_ended_at >= $5::bigint and own_ended_at < $6::bigint)', 'own_')} as own_other
      from judged group by kind
    )
    select
      coalesce((select jsonb_agg(to_jsonb(s)) from summed s), '[]') as sums,
      coalesce((
        select jsonb_agg(to_jsonb(j) || jsonb_build_object('settled', exists (
          select 1 from settled s
          where s.kind = j.kind and s.order_no = j.order_no and s.refund_no is not distinct from j.refund_no
        )) order by j.line_no)
        from judged j where not j.balanced
      ), '[]') as misfits`,
}

type Sums = Record<'theirs' | 'balanced' | 'own_today' | 'own_other', SideRow>
type MisfitRow = LineRow & OwnRow & Seen

/** Both included; bounded by the caller. */
export async function matchLines(
  sql: Sql,
  { channel, date }: BookDay,
  from: number,
  to: number,
): Promise<MatchedLines> {
  const values = [channel, date, from, to, startOf(date), endOfBusinessDate(date)]
  const [row] = await sql.run<{ sums: Sums[]; misfits: MisfitRow[] }>(MATCH, values)
  const { sums, misfits } = row!
  const totals = (part: keyof Sums) => totalsOfRows(sums.map((sum) => sum[part]))
  return {
    bank: totals('theirs'),
    balanced: totals('balanced'),
    ownToday: totals('own_today'),
    ownOtherDays: totals('own_other'),
    misfits: misfits.map(misfitOf),
  }
}

function misfitOf(row: MisfitRow): Misfit {
  const line = lineOf(row)
  const { before, archived, reversed, settled } = row
  return { line, own: ownOf(line, row), seen: { before, archived, reversed, settled } }
}

/**
 * $1 channel, $2 date, $3 before when, $4–$5 the last of the page before, $6 how many, $7 before when the absent are short. Our
 * bookings of a kind at the channel, in the order of their endings: a page, and which of its statements first holds each.
 */
function ownPageStatement(kind: EntryKind): Statement {
  const page =
    kind === 'clearing'
      ? `select o.order_no as number, o.order_no, null::text as refund_no, o.at, ${OWN_OF_ORDER}
        from ${paidOrders({
          from: '$4::bigint',
          to: '(select reach from reach)',
          where: (at) => `o.channel = $1 and (${at}, o.order_no) > ($4::bigint, $5::text)`,
        })} o
        order by o.at, o.order_no limit $6::integer`
      : `select r.refund_no as number, r.order_no, r.refund_no, r.ended_at as at, ${OWN_OF_REFUND}
        from refunds r join orders o on o.order_no = r.order_no
        where r.state = 'refunded' and o.channel = $1 and r.ended_at < $3::bigint
          and (r.ended_at, r.refund_no) > ($4::bigint, $5::text)
        order by r.ended_at, r.refund_no limit $6::integer`
  const reach =
    kind === 'clearing' ? paidReach({ from: '$4::bigint', to: '$3::bigint', limit: '$6::integer' }) : '$3::bigint'
  return {
    name: `reconciliation-own-${kind}`,
    text: `
      with reach as materialized (select ${reach} as reach), page as materialized (${page}), held as materialized (
        select p.*, '${kind}' as kind, (
          select min(l.statement_date) from ${linesOf('$1', 'p.order_no')} l
          where l.kind = '${kind}' and l.refund_no is not distinct from p.refund_no and l.statement_date <= $2
        ) as held_on
        from page p
      ), summed as (
        select
          ${sideJson('true', 'own_')} as booked,
          ${sideJson('held_on < $2', 'own_')} as earlier,
          ${sideJson('held_on is null', 'own_')} as absent,
          ${sideJson('held_on is null and at < $7::bigint', 'own_')} as overdue
        from held group by kind
      )
      select
        (select count(*) from page) as rows,
        (select nullif(reach, $3::bigint) from reach) as reach,
        (select to_jsonb(s) from summed s) as sums,
        (select jsonb_build_object('endedAt', at, 'number', number) from page
          order by at desc, number desc limit 1) as last,
        coalesce((
          select jsonb_agg(to_jsonb(h) order by at, number) from held h
          where held_on is null and at < $7::bigint and not exists (
            select 1 from differences d
            where d.channel = $1 and d.class = 'short' and d.order_no = h.order_no and d.kind = '${kind}'
              and d.refund_no is not distinct from h.refund_no
          )
        ), '[]') as short`,
  }
}
const OWN_PAGE = { clearing: ownPageStatement('clearing'), refund: ownPageStatement('refund') }

type AbsentRow = OwnRow & { order_no: string; refund_no: string | null }
interface PageRow {
  rows: number
  sums: Record<'booked' | 'earlier' | 'absent' | 'overdue', SideRow> | null
  last: OwnCursor | null
  /** up to when was looked, ms; null: to the end of the date */
  reach: number | null
  short: AbsentRow[]
}

export async function ownPage(
  sql: Sql,
  input: {
    day: BookDay
    kind: EntryKind
    ownDate: string
    after: OwnCursor | undefined
    limit: number
    shortBefore: number
  },
): Promise<OwnPage> {
  const { day, kind, ownDate, limit, shortBefore } = input
  // No number is empty, so the first page begins with the first booking of the date.
  const after = input.after ?? { endedAt: startOf(ownDate), number: '' }
  const values = [day.channel, day.date, endOfBusinessDate(ownDate), after.endedAt, after.number, limit, shortBefore]
  const [row] = await sql.run<PageRow>(OWN_PAGE[kind], values)
  const { rows, sums, last, reach, short } = row!
  const totals = (part: 'booked' | 'earlier' | 'absent' | 'overdue') => totalsOfRows(sums ? [sums[part]] : [])
  return {
    booked: totals('booked'),
    earlier: totals('earlier'),
    absent: totals('absent'),
    overdue: totals('overdue'),
    shortEntries: short.map((one) => ownOf({ kind, orderNo: one.order_no, refundNo: one.refund_no }, one)!),
    // Fewer than asked for are a whole page where more were to be looked through for them.
    next: rows === limit && last ? last : reach === null ? undefined : { endedAt: reach, number: '' },
  }
}

/** First millisecond of the date in Shanghai. */
function startOf(date: string): number {
  return endOfBusinessDate(addDays(date, -1))
}

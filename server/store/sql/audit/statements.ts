import { OWN_CHANNEL } from '../../../domain/channel'
import { POSTINGS } from '../payment/pack-books'
import { LINES } from '../reconcile/pack-lines'
import { archived, type Scope, within } from './scope'

/**
 * Our books beside each channel's statements that were reconciled, recomputed from postings and without the reconciler's word.
 * Nothing is joined across channels.
 */

/** As `dayName`: our own channel isn't named. */
export const nameOf = (of: string, date = 'statement_date') =>
  `case when ${of}.channel = '${OWN_CHANNEL}' then '' else ${of}.channel || '/' end || ${of}.${date}`

/** `{count, payerFen, glFen, merchantFen}` of the lines of a kind. */
const side = (kind: string) => `
  jsonb_build_object('count', count(*) filter (where l.kind = '${kind}'),
    'payerFen', coalesce(sum(l.payer_fen) filter (where l.kind = '${kind}'), 0),
    'glFen', coalesce(sum(l.gl_fen) filter (where l.kind = '${kind}'), 0),
    'merchantFen', coalesce(sum(l.merchant_fen) filter (where l.kind = '${kind}'), 0))`

/** The kept lines come to what the channel's manifest said under its signature. */
export const STATEMENT_CHANGED = (scope: Scope) => `
  select 'statement ' || ${nameOf('r')} as subject,
    'should be ' || r.lines || ' lines of ' || r.totals::text || ', is ' || s.lines || ' of ' || s.totals::text as detail
  from reconciliations r
  cross join lateral (
    select count(*) as lines, jsonb_build_object('clearing', ${side('clearing')}, 'refund', ${side('refund')}) as totals
    from ${LINES} l where l.channel = r.channel and l.statement_date = r.statement_date
  ) s
  where r.matched_at is not null and ${within(scope, 'r.statement_date')} and (s.lines <> r.lines or s.totals <> r.totals)
  order by 1`

/** Of postings `p`, each 0 where there are none. */
const LEGS = ['payer', 'gl', 'merchant']
  .map((role) => `coalesce(sum(p.amount_fen) filter (where p.role = '${role}'), 0) as ${role}_fen`)
  .join(', ')

/**
 * A line is what we posted for its order or refund, for the first time; or it is a known difference; or all lines of its number
 * come to what we posted, because the channel put a mistake of its own right. All lines and postings are
 * read once, beside others of their number: a line that has none is a posting.
 */
export const BANK_DIFFERS = (scope: Scope) => `
  select 'statement ' || ${nameOf('l')} || ' line ' || l.line_no as subject,
    coalesce('refund ' || l.refund_no, 'order ' || l.order_no) || ': ' || l.channel || ' has payer ' || l.payer_fen || ', gl ' || l.gl_fen
      || ', merchant ' || l.merchant_fen || '; posted are ' || l.own_payer_fen || ', ' || l.own_gl_fen || ', ' || l.own_merchant_fen as detail
  from (
    select l.*, m.matched_at is not null as matched,
      row_number() over (partition by l.channel, l.order_no, l.refund_no order by l.statement_date, l.line_no) > 1 as again,
      count(m.channel) over same as lines, ${['payer_fen', 'gl_fen', 'merchant_fen']
        .map(
          (fen) => `sum(l.${fen}) filter (where m.channel is not null) over same as all_${fen},
      coalesce(sum(l.${fen}) filter (where l.line_no is null) over same, 0) as own_${fen}`,
        )
        .join(', ')}
    from (
      select channel, statement_date, line_no, order_no, refund_no, payer_fen, gl_fen, merchant_fen from ${LINES} s
      union all
      select o.channel, null, null, p.order_no, p.refund_no, ${LEGS}
      from ${POSTINGS} p join orders o on o.order_no = p.order_no where p.correction_id is null group by 1, 4, 5
    ) l
    left join reconciliations m on m.channel = l.channel and m.statement_date = l.statement_date and m.matched_at is not null
    window same as (partition by l.channel, l.order_no, l.refund_no)
  ) l
  left join differences d
    on d.channel = l.channel and d.statement_date = l.statement_date and (d.line ->> 'lineNo')::integer = l.line_no
  where l.matched and ${within(scope, 'l.statement_date')} and d.difference_id is null and not (${archived(scope, 'l.order_no')} and not exists (
      select from orders o where o.order_no = l.order_no)) and (
    l.own_payer_fen <> l.payer_fen or l.own_gl_fen <> l.gl_fen or l.own_merchant_fen <> l.merchant_fen or l.again
  ) and not (
    l.lines > 1 and l.all_payer_fen = l.own_payer_fen and l.all_gl_fen = l.own_gl_fen and l.all_merchant_fen = l.own_merchant_fen
  )
  order by l.channel, l.statement_date, l.line_no`

/** The business date of a time in ms: Shanghai is 8 hours ahead, always. */
export const dateOf = (ms: string) => `(to_timestamp((${ms} + 28800000) / 1000) at time zone 'UTC')::date`

/**
 * What we posted on a date is in a statement of its channel or is a known difference, once the date and the one after it are
 * reconciled there: the channel's day may end a moment before ours. Both sides are summed up once, number by number: looked up, each
 * would be looked for in all packs.
 */
export const NOT_AT_BANK = `
  select coalesce('refund ' || b.refund_no, 'order ' || b.order_no) as subject,
    'posted on ' || b.posted_on || ', in no statement' as detail
  from (
    select channel, order_no, refund_no, min(posted_on) as posted_on from (
      select o.channel, p.order_no, p.refund_no, p.posted_on, false as stated
      from (
        select order_no, refund_no, ${dateOf('min(posted_at)')} as posted_on
        from ${POSTINGS} p where correction_id is null and order_no is not null group by order_no, refund_no
      ) p
      join orders o on o.order_no = p.order_no
      join reconciliations r on r.channel = o.channel and r.statement_date = p.posted_on and r.matched_at is not null
      join reconciliations n on n.channel = o.channel and n.statement_date = p.posted_on + 1 and n.matched_at is not null
      union all
      select l.channel, l.order_no, l.refund_no, null, true
      from ${LINES} l join reconciliations m on m.channel = l.channel and m.statement_date = l.statement_date and m.matched_at is not null
    ) both_sides group by 1, 2, 3 having not bool_or(stated)
  ) b
  where not exists (
    select 1 from differences d
    where d.channel = b.channel and d.class = 'short' and d.order_no = b.order_no and d.refund_no is not distinct from b.refund_no
  )
  order by 1`

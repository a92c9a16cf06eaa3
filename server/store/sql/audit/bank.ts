/** Our books beside the bank's statements that were reconciled, recomputed from postings and without the reconciler's word. */

/** `{count, payerFen, glFen, merchantFen}` of the lines of a kind. */
const side = (kind: string) => `
  jsonb_build_object('count', count(*) filter (where l.kind = '${kind}'),
    'payerFen', coalesce(sum(l.payer_fen) filter (where l.kind = '${kind}'), 0),
    'glFen', coalesce(sum(l.gl_fen) filter (where l.kind = '${kind}'), 0),
    'merchantFen', coalesce(sum(l.merchant_fen) filter (where l.kind = '${kind}'), 0))`

/** The kept lines come to what the bank's manifest said under its signature. */
export const STATEMENT_CHANGED = `
  select 'statement ' || r.statement_date as subject,
    'should be ' || r.lines || ' lines of ' || r.totals::text || ', is ' || s.lines || ' of ' || s.totals::text as detail
  from reconciliations r
  cross join lateral (
    select count(*) as lines, jsonb_build_object('clearing', ${side('clearing')}, 'refund', ${side('refund')}) as totals
    from statement_lines l where l.statement_date = r.statement_date
  ) s
  where r.matched_at is not null and (s.lines <> r.lines or s.totals <> r.totals)
  order by 1`

/** A line is what we posted for its order or refund, for the first time; or it is a known difference. */
export const BANK_DIFFERS = `
  select 'statement ' || l.statement_date || ' line ' || l.line_no as subject,
    coalesce('refund ' || l.refund_no, 'order ' || l.order_no) || ': the bank has payer ' || l.payer_fen || ', gl ' || l.gl_fen
      || ', merchant ' || l.merchant_fen || '; posted are ' || coalesce(p.payer_fen, 0) || ', ' || coalesce(p.gl_fen, 0)
      || ', ' || coalesce(p.merchant_fen, 0) as detail
  from reconciliations r
  join statement_lines l on l.statement_date = r.statement_date
  left join differences d
    on d.difference_id = 'D' || to_char(l.statement_date, 'YYYYMMDD') || '-L' || l.line_no
  cross join lateral (
    select sum(amount_fen) filter (where role = 'payer') as payer_fen, sum(amount_fen) filter (where role = 'gl') as gl_fen,
      sum(amount_fen) filter (where role = 'merchant') as merchant_fen
    from postings p
    where p.order_no = l.order_no and p.refund_no is not distinct from l.refund_no and p.correction_id is null
  ) p
  where r.matched_at is not null and d.difference_id is null and (
    coalesce(p.payer_fen, 0) <> l.payer_fen or coalesce(p.gl_fen, 0) <> l.gl_fen
    or coalesce(p.merchant_fen, 0) <> l.merchant_fen
    or exists (
      select 1 from statement_lines e
      where e.order_no = l.order_no and e.refund_no is not distinct from l.refund_no
        and (e.statement_date, e.line_no) < (l.statement_date, l.line_no)
    )
  )
  order by l.statement_date, l.line_no`

/** The business date of a time in ms: Shanghai is 8 hours ahead, always. */
const dateOf = (ms: string) => `(to_timestamp((${ms} + 28800000) / 1000) at time zone 'UTC')::date`

/**
 * What we posted on a date is in a statement or is a known difference, once the date and the one after it are reconciled: the
 * bank's day may end a moment before ours.
 */
export const NOT_AT_BANK = `
  select coalesce('refund ' || p.refund_no, 'order ' || p.order_no) as subject,
    'posted on ' || p.posted_on || ', in no statement' as detail
  from (
    select order_no, refund_no, ${dateOf('min(posted_at)')} as posted_on
    from postings where correction_id is null and order_no is not null group by order_no, refund_no
  ) p
  join orders o on o.order_no = p.order_no and o.channel = 'bank'
  join reconciliations r on r.statement_date = p.posted_on and r.matched_at is not null
  join reconciliations n on n.statement_date = p.posted_on + 1 and n.matched_at is not null
  where not exists (
    select 1 from statement_lines l join reconciliations m on m.statement_date = l.statement_date
    where l.order_no = p.order_no and l.refund_no is not distinct from p.refund_no and m.matched_at is not null
  ) and not exists (
    select 1 from differences d
    where d.class = 'short' and d.order_no = p.order_no and d.refund_no is not distinct from p.refund_no
  )
  order by 1`

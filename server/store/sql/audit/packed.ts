import { type Scope, within } from './scope'
import { nameOf } from './statements'

/**
 * By what packed rows are found: an order's events and papers by its date and between the first and the last number of their pack, and by its
 * channel's number (payment/pack-books.ts, pack-papers.ts, desk/search.ts); a line of a statement by what its number begins with, and as they
 * (reconcile/pack-lines.ts). The rest of the audit unpacks all there is, and would find a row where nobody looks for it. Packs of papers
 * stay when their orders are archived (archive/).
 */

/** Which of the packs of some days alone are read: there what isn't where it should be is missed as well. */
const DAYS = (scope: Scope) => within(scope, scope.taken ? 'b.business_date' : 'o.business_date')

/** Of some days the lines are at hand, unpacked; of all there are, two columns of their packs are enough. */
const LINES = ({ taken }: Scope) =>
  taken
    ? 'packed_lines'
    : `(
      select p.numbered, p.channel, p.statement_date, p.first_no, p.last_no, x.order_no, x.line_no
      from (select numbered, channel, statement_date, first_no, last_no, order_nos, line_nos from statement_packs) p
      cross join lateral unnest(p.order_nos, p.line_nos) x(order_no, line_no)
    )`

export const PACKED_NUMBER_WRONG = (scope: Scope) => `
  select 'order ' || order_no as subject, case when b.business_date = o.business_date and order_no between b.first_no and b.last_no
      then 'is packed under another number of ' || o.channel || '’s than ' || coalesce(o.channel_trade_no, 'none')
      else 'its ' || b.what || ' are packed where nobody looks for them: on ' || b.business_date || ', ' || b.first_no || ' to ' || b.last_no
    end as detail
  from (
    select 'events' as what, p.business_date, p.first_no, p.last_no, x.order_no, x.trade_hash
    from (select business_date, first_no, last_no, order_nos, trade_hashes from order_books) p
    cross join lateral unnest(p.order_nos, p.trade_hashes) x(order_no, trade_hash)
    union all
    select 'papers', p.business_date, p.first_no, p.last_no, x.order_no, null
    from (select business_date, first_no, last_no, order_nos from order_papers) p cross join lateral unnest(p.order_nos) x(order_no)
  ) b
  join orders o using (order_no)
  where ${DAYS(scope)} and (
    b.business_date <> o.business_date or order_no not between b.first_no and b.last_no
    or b.what = 'events' and b.trade_hash is distinct from trade_hash(o.channel_trade_no)
  )
  union all
  select 'statement ' || ${nameOf('l')} || ' line ' || l.line_no,
    'is packed where nobody looks for it: under ' || l.numbered || ', ' || l.first_no || ' to ' || l.last_no || ', and is of ' || coalesce(l.order_no, 'none')
  from ${LINES(scope)} l
  where l.numbered is distinct from left(l.order_no, 9) or l.order_no not between l.first_no and l.last_no
  order by 1`

import { EVENTS } from '../payment/pack-books'
import { CHAIN_KINDS, type ChainKind, EVERYWHERE, MARKS } from './marks'
import { archived, chainedIn, linked, type Scope, within } from './scope'

/** The books beside their chain, whose links are whole. */

/** What of each kind was written before the last link, or between two. */
const covered = (scope: Scope): Record<ChainKind, string> => ({
  'order-event': chainedIn(scope, 'e.event_id', 'last_event'),
  'refund-event': chainedIn(scope, 'e.event_id', 'last_refund_event'),
  correction: chainedIn(scope, 'p.posting_id', 'last_posting'),
  deck: `d.business_date <= (select max(business_date) from ledger_links) and ${within(scope, 'd.business_date')}`,
})

const NAMED: Record<ChainKind, string> = {
  'order-event': 'order',
  'refund-event': 'refund',
  correction: 'correction',
  deck: 'deck',
}

/** The same event in two packs, or in one and beside it, has a mark that is right each time. */
const TWICE = `
  union all
  select 'order ' || min(order_no) || ' ' || min(kind) || ' ' || event_id, 'is there ' || count(*) || ' times'
  from ${EVENTS} e group by event_id having count(*) > 1`

/** Each row that was chained is still there and says what it said, and none has come between. */
export const NOT_AS_CHAINED = (scope: Scope) =>
  CHAIN_KINDS.map(
    (kind) => `
  select '${NAMED[kind]} ' || name as subject, case when said.mark is null then 'was put in after what was written then had been chained'
      when has.mark is null then 'was chained and is gone' else 'is not what was chained' end as detail
  from (
    select s.name, s.mark from ledger_link_parts p cross join lateral unnest(p.names, p.marks) s(name, mark) where p.kind = '${kind}' and ${linked(scope, 'p.link_no')}
  ) said
  full join (${MARKS[kind](covered(scope)[kind], EVERYWHERE)}) has using (name)
  where said.mark is distinct from has.mark and not (has.mark is null and ${kind === 'order-event' ? archived(scope, 'name') : 'false'})`,
  ).join(' union all ') + TWICE

/** The log of what operators did has what the chain says was its end. */
export const LOG_CUT_OFF = `
  select 'action ' || l.last_action as subject, case when a.mac is null then 'is gone' else 'is another' end
    || ': link ' || min(l.link_no) || ' of the books'' chain has it as ' || l.action_mac as detail
  from ledger_links l left join operator_actions a on a.action_id = l.last_action
  where l.last_action > 0 and a.mac is distinct from l.action_mac
  group by l.last_action, l.action_mac, a.mac
  order by l.last_action`

/** Each day that the log says was sealed is sealed, by the same mac. */
export const SEAL_DIFFERS = `
  select 'seal of ' || substr(a.subject, length('ledger/') + 1) as subject,
    'by the log (action ' || a.action_id || ') link ' || (a.after ->> 'link') || ' as ' || (a.after ->> 'mac') || ', is '
      || coalesce('link ' || l.link_no || ' as ' || l.mac, 'gone') as detail
  from operator_actions a left join ledger_links l on 'ledger/' || l.business_date = a.subject
  where a.action = 'ledger.seal'
    and (l.link_no::text, l.mac) is distinct from (a.after ->> 'link', a.after ->> 'mac')
  order by 1`

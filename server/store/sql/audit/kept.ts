import { OWN_CHANNEL } from '../../../domain/channel'
import { cardsIn } from '../rows'
import { type Scope, within } from './scope'
import { dateOf, nameOf } from './statements'

/** What was written down about days, decks and payers, beside what it was written from. */

/** A channel's days follow one another, as the log says they were reconciled; who decided about a difference is who did by the log. */
export const RECONCILIATION_WRONG = `
  with runs as materialized (
    select action_id, after, substr(subject, length('reconciliation/') + 1) as name from operator_actions
    where action = 'reconciliation.run'
  ), days as materialized (select ${nameOf('r')} as name, r.* from reconciliations r)
  select 'reconciliation ' || a.name as subject, case when r.name is null then 'was run by the log, and is gone'
      else 'should be ' || a.after::text || ' by the log, is ' || r.sha256 || ', ' || r.lines || ' lines, ' || coalesce(r.result::text, 'no result') end as detail
  from runs a left join days r on r.name = a.name and r.matched_at is not null
  where r.name is null or (r.sha256, r.lines) is distinct from (a.after ->> 'sha256', (a.after ->> 'lines')::integer)
    or r.result -> 'proven' is distinct from a.after -> 'proven'
    or (a.after ? 'result' and r.result is distinct from a.after -> 'result')
  union all
  select 'reconciliation ' || r.name, 'comes after a day that nobody reconciled'
  from days r
  where r.matched_at is not null
    and exists (select 1 from reconciliations e where e.channel = r.channel and e.statement_date < r.statement_date)
    and not exists (
      select 1 from reconciliations e
      where e.channel = r.channel and e.statement_date = r.statement_date - 1 and e.matched_at is not null)
  union all
  select 'difference ' || d.difference_id, d.state || ' by ' || d.resolved_by || ', of which the log knows nothing'
  from differences d
  where d.state in ('accepted', 'rejected', 'mended') and not exists (
    select 1 from operator_actions a where a.subject = 'difference/' || d.difference_id and a.username = d.resolved_by
      and a.at = d.resolved_at and a.action = case d.state when 'accepted' then 'difference.accept' else 'difference.reject' end)
  union all
  select 'difference ' || d.difference_id, 'proposed by ' || d.proposed_by || ', of which the log knows nothing'
  from differences d
  where d.proposed_by is not null and not exists (
    select 1 from operator_actions a where a.subject = 'difference/' || d.difference_id and a.username = d.proposed_by
      and a.at = d.proposed_at and a.action = 'difference.propose')
  union all
  select replace(a.subject, '/', ' '), 'was decided by the log (action ' || a.action_id || '), and is gone'
  from operator_actions a
  where a.action in ('difference.accept', 'difference.reject')
    and not exists (select 1 from differences d where 'difference/' || d.difference_id = a.subject)
  order by 1, 2`

/** A short deck is short by what is said of it, and nobody invents one; where money was left for no card there is none. */
export const SHORTAGE_WRONG = (scope: Scope) => `
  select 'shortage of ' || s.campaign_id || '/' || s.merchant_code || '/' || s.business_date as subject,
    'says ' || s.dealt_slots || ' of ' || s.wanted_slots || ' cards; the deck has ' || coalesce((${cardsIn('d')})::text, 'none')
      || ', its rule ' || coalesce(v.content #>> '{rule,slots}', 'none') as detail
  from deck_shortages s
  left join decks d using (campaign_id, merchant_code, business_date)
  left join campaign_versions v on v.campaign_id = d.campaign_id and v.version = d.version
  where ${within(scope, 's.business_date')} and (coalesce(${cardsIn('d')}, 0) <> s.dealt_slots or s.dealt_slots >= s.wanted_slots
    or (v.content #>> '{rule,slots}')::integer <> s.wanted_slots)
  order by 1`

/** No card is drawn of a deck before it is dealt, ms: clocks of processes differ by less. */
const CLOCKS_MS = 10_000

export const DECK_TIME_WRONG = (scope: Scope) => `
  select 'deck ' || campaign_id || '/' || merchant_code || '/' || business_date as subject,
    'dealt at ' || d.dealt_at || ', first used at ' || coalesce(o.first_at::text, 'no time') || ', closed at '
      || coalesce(d.closed_at::text, 'no time') as detail
  from decks d
  left join (
    select campaign_id, merchant_code, deck_date as business_date, min(created_at) as first_at
    from orders where slot is not null and ${within(scope, 'deck_date')} group by campaign_id, merchant_code, deck_date
  ) o using (campaign_id, merchant_code, business_date)
  where ${within(scope, 'd.business_date')} and (d.dealt_at > o.first_at + ${CLOCKS_MS} or d.dealt_at > d.closed_at + ${CLOCKS_MS}
    or not ${dateOf('d.dealt_at')} between business_date - 2 and business_date + 1)
  order by 1`

/** An order was debited from the account of its agreement, as it has been since it was signed last. */
export const AGREEMENT_WRONG = `
  select 'order ' || o.order_no as subject, 'should be debited from the account of agreement ' || o.payer_ref || case
      when a.payer_id <> o.payer_id then ', which is another payer''s' else ', which is another' end as detail
  from orders o
  join agreements a on a.agreement_id = o.payer_ref
  where o.channel = '${OWN_CHANNEL}' and (a.payer_id <> o.payer_id or a.account <> o.payer_account and o.created_at > coalesce((
    select max(s.ended_at) from signings s where s.agreement_id = a.agreement_id and s.state = 'signed'), a.created_at))
  order by 1`

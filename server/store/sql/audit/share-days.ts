import { OWN_CHANNEL } from '../../../domain/channel'
import { type Scope, within } from './scope'

/** What a merchant was paid on a day, and before it, from which shares are read, beside the paid orders. */

const DAY = `'share day ' || merchant_code || '/' || coalesce(nullif(branch_code, ''), '-') || '/' || business_date`

const OF_ALL = `
  select ${DAY} as subject,
    'should be ' || coalesce(c.orders, 0) || ', of them own ' || coalesce(c.own, 0) || ', after ' ||
      coalesce(c.orders_before, 0) || ' and ' || coalesce(c.own_before, 0) || '; is ' || coalesce(s.orders, 0) || ', own ' ||
      coalesce(s.own, 0) || ', after ' || coalesce(s.orders_before, 0) || ' and ' || coalesce(s.own_before, 0) as detail
  from counted_share_days c
  full join (select * from share_days where orders > 0) s using (merchant_code, branch_code, business_date)
  where (c.orders, c.own, c.orders_before, c.own_before)
    is distinct from (s.orders, s.own, s.orders_before, s.own_before)
  order by 1`

/** Of some days: what was paid on each, and that it goes on from the one before. */
const ofDays = (scope: Scope) => `
  select ${DAY} as subject, 'should be ' || coalesce(c.orders, 0) || ', of them own ' || coalesce(c.own, 0) || '; is '
    || coalesce(s.orders, 0) || ', own ' || coalesce(s.own, 0) as detail
  from (
    select merchant_code, coalesce(branch_code, '') as branch_code, business_date, count(*) as orders,
      count(*) filter (where channel = '${OWN_CHANNEL}') as own
    from orders where state = 'paid' and ${within(scope, 'business_date')} group by 1, 2, 3
  ) c
  full join (select * from share_days where orders > 0 and ${within(scope, 'business_date')}) s
    using (merchant_code, branch_code, business_date)
  where (c.orders, c.own) is distinct from (s.orders, s.own)
  union all
  select ${DAY}, 'should come after ' || before.orders || ' and ' || before.own || ', comes after ' || s.orders_before || ' and ' || s.own_before
  from share_days s
  cross join lateral (
    select coalesce(max(p.orders_before + p.orders), 0) as orders, coalesce(max(p.own_before + p.own), 0) as own
    from (
      select * from share_days p where p.merchant_code = s.merchant_code and p.branch_code = s.branch_code and p.business_date < s.business_date
      order by business_date desc limit 1
    ) p
  ) before
  where ${within(scope, 's.business_date')} and (s.orders_before, s.own_before) <> (before.orders, before.own)
  order by 1`

export const SHARE_DAY_WRONG = (scope: Scope) => (scope.from === null && scope.to === null ? OF_ALL : ofDays(scope))

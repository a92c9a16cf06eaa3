/**
 * Whose money goes where, and who may act, beside the log: each account, role and right is what the last deed about it says. What
 * has no deed is from before the log, or was seeded, and nothing is said of it here.
 */

/** What the log says of a request: nobody's name (`sayable` of the domain). */
const SAYABLE = `case when r.kind like 'operator.%' and jsonb_typeof(r.after) = 'object' then r.after - 'name' - 'oidcSubject' else r.after end`

const deed = (action: string, more: string) => `exists (
  select 1 from operator_actions a where a.subject = r.subject and a.action = '${action}' and a.after ->> 'changeId' = r.change_id and ${more})`

/** A request was asked for, reviewed and applied by those, and as, the log says. */
export const CHANGE_WRONG = `
  select 'change ' || r.change_id as subject, w.what || ', of which the log knows nothing' as detail
  from change_requests r
  cross join lateral (values
    ('asked for by ' || r.asked_by, ${deed('change.ask', 'a.username = r.asked_by and a.at = r.asked_at')}),
    ('approved by ' || r.reviewed_by, r.state not in ('approved', 'applied')
      or ${deed('change.approve', 'a.username = r.reviewed_by and a.at = r.reviewed_at')}),
    ('rejected by ' || r.reviewed_by, r.state <> 'rejected'
      or ${deed('change.reject', 'a.username = r.reviewed_by and a.at = r.reviewed_at')}),
    ('applied as it stands', r.state <> 'applied'
      or ${deed('change.apply', `a.at = r.effective_at and (r.line_count > 1 or a.after -> 'after' = ${SAYABLE})`)})
  ) w(what, told)
  where not w.told
  union all
  select 'change ' || (a.after ->> 'changeId'), 'was applied by the log (action ' || a.action_id || '), and isn''t'
  from operator_actions a
  where a.action = 'change.apply'
    and not exists (select 1 from change_requests r where r.change_id = a.after ->> 'changeId' and r.state = 'applied')
  union all
  select 'change ' || l.change_id || ' line ' || l.line, 'should be ' || m.value::text || ' by the log'
  from operator_actions a
  cross join lateral jsonb_array_elements(a.after -> 'merchants') with ordinality m(value, nth)
  join change_merchants l on l.change_id = a.after ->> 'changeId' and l.line = m.nth
  where a.action = 'change.ask' and jsonb_typeof(a.after -> 'merchants') = 'array'
    and (l.merchant_code, l.name, l.branch_code, l.account, l.wallet_accounts) is distinct from
      (m.value ->> 'merchantCode', m.value ->> 'name', m.value ->> 'branchCode', m.value ->> 'account',
        coalesce(m.value -> 'walletAccounts', '{}'))
  order by 1, 2`

/** Lines of a request beyond these aren't in the log by themselves, only their number and the file's hash. */
const LINES_LOGGED = 1_000

/** Merchants' accounts, branches' GL accounts, operators' roles. */
export const PARTY_WRONG = `
  with applied as materialized (
    select action_id, after ->> 'changeId' as change_id from operator_actions
    where action = 'change.apply' and after ->> 'kind' = 'merchant.account'
  ), lines as (
    select p.action_id, m.value ->> 'merchantCode' as merchant_code, m.value ->> 'branchCode' as branch_code,
      m.value ->> 'account' as account, coalesce(m.value -> 'walletAccounts', '{}') as wallet_accounts
    from applied p
    join operator_actions k on k.action = 'change.ask' and k.after ->> 'changeId' = p.change_id
    cross join lateral jsonb_array_elements(k.after -> 'merchants') m
    union all
    select p.action_id, l.merchant_code, l.branch_code, l.account, l.wallet_accounts
    from applied p join change_merchants l using (change_id) where l.line > ${LINES_LOGGED}
  ), merchant as (
    select distinct on (merchant_code) * from lines order by merchant_code, action_id desc
  ), said as (
    select a.subject, a.action_id, f.key as field, f.value
    from operator_actions a
    cross join lateral jsonb_each(case a.action when 'change.apply' then a.after -> 'after' else a.after end
      || case when a.after ->> 'kind' = 'operator.add' then jsonb_build_object('disabled', false) else '{}' end) f
    where a.action in ('operator.add', 'operator.change') and jsonb_typeof(a.after) = 'object' or a.action = 'change.apply'
      and a.after ->> 'kind' in ('operator.add', 'operator.change', 'branch.add', 'branch.change', 'merchant.disable', 'merchant.enable') and jsonb_typeof(a.after -> 'after') = 'object'
  ), last as (
    select distinct on (subject, field) * from said order by subject, field, action_id desc
  ), standing as (
    select 'branch/' || branch_code as subject, jsonb_build_object('glAccount', gl_account) as fields from branches
    union all
    select 'merchant/' || merchant_code, jsonb_build_object('disabled', disabled_at is not null) from merchants
    union all
    select 'operator/' || username, jsonb_build_object('roles', roles, 'branchCode', branch_code, 'disabled', disabled_at is not null)
    from operators
  )
  select 'merchant ' || w.merchant_code as subject, 'should be of ' || w.branch_code || ' and paid on ' || w.account || ' '
      || w.wallet_accounts::text || ' by the log, is of ' || coalesce(m.branch_code, 'none') || ' and paid on '
      || coalesce(m.account, 'none') || ' ' || coalesce(m.wallet_accounts::text, '') as detail
  from merchant w left join merchants m using (merchant_code)
  where (w.branch_code, w.account, w.wallet_accounts) is distinct from (m.branch_code, m.account, m.wallet_accounts)
  union all
  select replace(l.subject, '/', ' '), l.field || ' should be ' || l.value::text || ' by the log, is '
    || coalesce((i.fields -> l.field)::text, 'gone')
  from last l left join standing i using (subject)
  where l.field in ('glAccount', 'roles', 'branchCode', 'disabled') and (i.fields -> l.field) is distinct from l.value
  union all
  select 'merchant ' || m.merchant_code, 'was disabled by nobody'
  from merchants m
  where m.disabled_at is not null and not exists (select 1 from operator_actions a where a.subject = 'merchant/' || m.merchant_code
    and a.action = 'change.apply' and a.after ->> 'kind' = 'merchant.disable')
  union all
  select 'operator ' || o.username, 'was let in by nobody'
  from operators o
  where not exists (select 1 from operator_actions a where a.subject = 'operator/' || o.username
    and (a.action in ('operator.add', 'operator.seed') or a.action = 'change.apply' and a.after ->> 'kind' = 'operator.add'))
  order by 1, 2`

/** Who acts for a merchant does so by a code that a deed gave out, and no longer than a deed says. */
export const BINDING_WRONG = `
  select 'binding ' || u.binding_id || ' of ' || u.merchant_code as subject, u.role || ' by a code that nobody gave out' as detail
  from merchant_users u
  where not exists (
    select 1 from binding_codes b
    join operator_actions a on a.at = b.made_at and (
      a.subject = 'merchant/' || b.merchant_code and a.action = 'binding-code.issue' and a.username = b.made_by
        and a.after ->> 'role' = b.role
      or b.role = 'owner' and a.action = 'change.apply' and a.after ->> 'askedBy' = b.made_by and (
        a.after ->> 'kind' = 'merchant.owner' and a.subject = 'merchant/' || b.merchant_code
        or a.after ->> 'kind' = 'merchant.owners' and a.after -> 'after' -> 'merchantCodes' ? b.merchant_code))
    where b.merchant_code = u.merchant_code and b.role = u.role and b.used_at = u.bound_at
  )
  union all
  select 'binding ' || u.binding_id || ' of ' || u.merchant_code,
    case when u.unbound_at is null then 'was ended by the log, and is in force' else 'was ended by nobody' end
  from merchant_users u
  left join operator_actions a on a.action = 'merchant-user.unbind' and a.subject = 'merchant/' || u.merchant_code
    and a.before ->> 'bindingId' = u.binding_id::text
  where (u.unbound_at is null) <> (a.action_id is null)
  order by 1, 2`

import type { ClaimedMessage, MessageGrants } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'

/** $1 binding, $2 template, $3 now, $4 the most; the binding's row is the queue in which its grants come. */
const ADD: Statement = {
  name: 'add-message-grant',
  text: `
    with bound as materialized (
      select binding_id from merchant_users where binding_id = $1::bigint and unbound_at is null for update
    ), had as (
      select count(*)::integer as n from message_grants g, bound
      where g.binding_id = bound.binding_id and g.template_id = $2::text and g.used_at is null
    ), added as (
      insert into message_grants (binding_id, template_id, granted_at)
      select binding_id, $2::text, $3::bigint from bound, had where had.n < $4::integer
      returning 1
    )
    select had.n + (select count(*)::integer from added) as unused from had`,
}

const UNUSED: Statement = {
  name: 'unused-message-grants',
  text: `
    select count(*)::integer as unused from message_grants
    where binding_id = $1::bigint and template_id = $2::text and used_at is null`,
}

/** $1 date, $2 template, $3 now, $4 how many. Of two processes the second finds the grant used, or the date told. */
const CLAIM: Statement = {
  name: 'claim-messages',
  text: `
    with due as materialized (
      select distinct on (g.binding_id) g.grant_id, u.user_id, u.merchant_code
      from message_grants g join merchant_users u on u.binding_id = g.binding_id and u.unbound_at is null
      where g.template_id = $2::text and g.used_at is null
        and not exists (select from message_grants t where t.binding_id = g.binding_id and t.business_date = $1::date)
        and exists (
          select from orders o where o.merchant_code = u.merchant_code and o.business_date = $1::date and o.state = 'paid'
        )
      order by g.binding_id, g.grant_id limit $4::integer
    )
    update message_grants g set used_at = $3::bigint, business_date = $1::date
    from due where g.grant_id = due.grant_id and g.used_at is null
    returning g.grant_id as "grantId", due.user_id as "userId", due.merchant_code as "merchantCode"`,
}

const GIVE_BACK: Statement = {
  name: 'give-back-message-grant',
  text: 'update message_grants set used_at = null, business_date = null where grant_id = $1::bigint',
}

/** $1 the grant, $2 now. */
const VOID: Statement = {
  name: 'void-message-grants',
  text: `
    update message_grants g set used_at = $2::bigint from message_grants one
    where one.grant_id = $1::bigint and g.binding_id = one.binding_id and g.template_id = one.template_id
      and g.used_at is null`,
}

/** The {@link MessageGrants} on PostgreSQL. */
export function sqlMessageGrants(sql: Sql): MessageGrants {
  const counted = async (rows: Promise<{ unused: number }[]>) => (await rows)[0]?.unused ?? 0
  return {
    add: (bindingId, templateId, at, most) => counted(sql.run(ADD, [bindingId, templateId, at, most])),
    unused: (bindingId, templateId) => counted(sql.run(UNUSED, [bindingId, templateId])),
    claim: (date, templateId, now, limit) =>
      sql.run<ClaimedMessage & Record<string, unknown>>(CLAIM, [date, templateId, now, limit]),
    async giveBack(grantId) {
      await sql.run(GIVE_BACK, [grantId])
    },
    async void(grantId, now) {
      await sql.run(VOID, [grantId, now])
    },
  }
}

import { LedgerUnavailable, type OrderUpkeep } from '../../../flow/ports'
import { codeOf, LOCK_NOT_AVAILABLE } from '../errors'
import { holderOf, holderText } from '../holders'
import type { Sql, Statement } from '../open-sql'
import { LEFT_BEHIND } from '../orders-before'

/** $1 before which date, $2 how many orders at most: on with those after the last time's. Another process may be at the same, and is passed over. */
const FORGET: Statement = {
  name: 'forget-order-guards',
  text: `
    with horizon as materialized (select after_no from order_guards_forgotten for update skip locked),
    stretch as materialized (
      select o.order_no, o.quote_nonce, o.campaign_id, o.merchant_code, o.deck_date, o.slot from horizon, orders o
      where o.order_no > after_no and o.order_no < 'F' || to_char($1::date, 'YYYYMMDD')
      order by o.order_no limit $2::integer
    ), quotes as (
      delete from paid_quotes q using stretch s where q.quote_nonce = s.quote_nonce
    ), cards as (
      delete from taken_cards t using stretch s
      where (t.campaign_id, t.deck_date, t.merchant_code, t.slot) = (s.campaign_id, s.deck_date, s.merchant_code, s.slot)
        and not exists (select from decks d where d.campaign_id = t.campaign_id and d.merchant_code = t.merchant_code
          and d.business_date = t.deck_date and d.closed_at is null)
    ), moved as (
      update order_guards_forgotten set after_no = (select max(order_no) from stretch) where exists (select from stretch)
    )
    select count(*) as orders from stretch`,
}

const DIVIDED: Statement = {
  name: 'orders-divided',
  text: `select to_regprocedure('tend_orders(integer)') is not null as divided`,
}
const BOUND: Statement = { name: 'orders-before', text: LEFT_BEHIND }
const TEND: Statement = { name: 'tend-orders', text: 'select tend_orders($1::integer) as made' }
const ANALYZE: Statement = { name: 'look-over-orders', text: 'select analyze_orders()' }

/** A month that is made at the latest a year before (`tend_orders`) can't be as long as orders lie where it is to be. */
const WITHIN_MONTHS = 12

/**
 * The first number between months, or after the last, of which there is an order. Our role may read no partition by itself, so it is asked for
 * between bounds: each is a look into the index of the one that has what belongs to no month.
 */
const STRAY: Statement = {
  name: 'orders-of-no-month',
  text: `
    with month as (
      select substring(e.bound from 'FROM [(]''(F[0-9]{8})''[)]') as from_no, substring(e.bound from 'TO [(]''(F[0-9]{8})''[)]') as to_no
      from pg_inherits i join pg_class c on c.oid = i.inhrelid cross join lateral pg_get_expr(c.relpartbound, c.oid) as e(bound)
      where i.inhparent = 'orders'::regclass
    ), gap as (
      select to_no as after_no, coalesce(
        lead(from_no) over (order by to_no),
        'F' || to_char(to_date(substr(to_no, 2), 'YYYYMMDD') + interval '${WITHIN_MONTHS} months', 'YYYYMMDD')) as before_no
      from month where to_no is not null
    )
    select (
      select o.order_no from orders o where o.order_no >= g.after_no and o.order_no < g.before_no order by o.order_no limit 1
    ) as order_no
    from gap g where g.after_no < g.before_no order by 1 nulls last limit 1`,
}

/** The {@link OrderUpkeep} of `taken_cards` and `paid_quotes`, which a trigger of `orders` writes, and of its partitions. */
export function sqlOrderUpkeep(sql: Sql): OrderUpkeep {
  return {
    async forgetGuards(beforeDate, limit) {
      const [row] = await sql.run<{ orders: number }>(FORGET, [beforeDate, limit])
      return row!.orders
    },
    async makeMonths(ahead) {
      const [ledger] = await sql.run<{ divided: boolean }>(DIVIDED, [])
      if (!ledger!.divided) return notYet(sql)
      const [row] = await sql.run<{ made: number }>(TEND, [ahead]).catch(async (error) => {
        throw codeOf(error) === LOCK_NOT_AVAILABLE ? await waits(sql, error) : error
      })
      await sql.run(ANALYZE, [])
      await seeStrays(sql)
      return row!.made
    },
  }
}

/** Orders aren't divided; and whether they would be refused, since somebody died dividing them. */
async function notYet(sql: Sql): Promise<null> {
  const [left] = await sql.run<{ before_no: string }>(BOUND, [])
  if (!left) return null
  throw new LedgerUnavailable(
    `the end of an upgrade was cut off, and orders from ${left.before_no} on would be refused: run “fapai migrate” as the role that owns the tables`,
  )
}

/** They are found as all others, and nobody makes their month any more once it has begun. */
async function seeStrays(sql: Sql): Promise<void> {
  const [stray] = await sql.run<{ order_no: string | null }>(STRAY, [])
  if (!stray?.order_no) return
  const month = stray.order_no.slice(1, 7)
  throw new LedgerUnavailable(
    `months of orders wait to be made: orders_other has orders of ${month.slice(0, 4)}-${month.slice(4)}, ${stray.order_no} the first (docs/RUNBOOKS.md#fapaijobstuck)`,
  )
}

/** Where a month would be put orders may lie, and somebody is at them. */
async function waits(sql: Sql, cause: unknown): Promise<LedgerUnavailable> {
  const held = holderText(await holderOf(sql, 'orders_other'))
  return new LedgerUnavailable(`months of orders wait to be made: orders_other is held by ${held}`, { cause })
}

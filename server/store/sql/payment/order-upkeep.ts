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

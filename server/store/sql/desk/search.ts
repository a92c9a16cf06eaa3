import { type RawBuilder, sql as raw } from 'kysely'
import type { DeskOrder, DeskRefund, SearchDesk, SearchPlace } from '../../../flow/ports'
import type { Sql } from '../open-sql'
import { all, NEWEST, ORDER, REFUND } from './order-rows'

/** Of a stretch so many are looked at: a street's day at one merchant, or half an hour of all of them. */
const LOOKED_AT = 5_000

/**
 * The {@link SearchDesk} on PostgreSQL. Nothing that is typed makes it read the whole history: numbers have indices, and anything else is
 * looked for among the newest of each stretch, by the index of its days.
 */
export function sqlSearchDesk(sql: Sql): SearchDesk {
  const { db } = sql
  return {
    async merchants({ branchCode, words, numbers, limit }) {
      const named = words.map((word) => {
        const part = `%${word.replace(/[\\%_]/g, '\\$&')}%`
        return raw`(m.merchant_code ilike ${part} or m.name ilike ${part})`
      })
      const { rows } = await raw<{ merchantCode: string; name: string }>`
        select m.merchant_code as "merchantCode", m.name from merchants m
        where ${all([branchCode !== null && raw`m.branch_code = ${branchCode}`])} and (
          ${named.length === 0 ? raw`false` : all(named)}
          or lower(m.merchant_code) = any(${numbers.map((one) => one.toLowerCase())}::text[]))
        order by m.merchant_code limit ${limit}`.execute(db)
      return rows
    },

    orders: (place) => nearOrders(sql, place),

    async ordersByNumber(numbers, branchCode, limit) {
      const { rows } = await raw<DeskOrder>`
        select ${ORDER} from orders o left join merchants m on m.merchant_code = o.merchant_code
        where ${all([
          branchCode !== null && raw`o.branch_code = ${branchCode}`,
          raw`o.order_no = any(array(
            select unnest(${[...numbers]}::text[])
            union all
            ${ofTradeNos(numbers)}))`,
        ])}
        ${NEWEST} limit ${limit}`.execute(db)
      return rows
    },

    async refundsByNumber(numbers, branchCode, limit) {
      const { rows } = await raw<DeskRefund>`
        select ${REFUND} from refunds r left join merchants m on m.merchant_code = r.merchant_code
        where ${all([
          branchCode !== null && raw`r.branch_code = ${branchCode}`,
          raw`(r.refund_no = any(${[...numbers]}::text[]) or r.channel_refund_no = any(${[...numbers]}::text[]))`,
        ])}
        order by r.business_date desc, r.created_at desc, r.refund_no desc limit ${limit}`.execute(db)
      return rows
    },
  }
}

/** Which orders have these numbers at their channels: by the events that ended them, or by the packs these may be in. */
const ofTradeNos = (numbers: readonly string[]) => raw`
  select order_no from order_events where kind = 'paid' and outcome ->> 'channelTradeNo' = any(${[...numbers]}::text[])
  union all
  select o.order_no from unnest(${[...numbers]}::text[]) t(trade_no)
  join order_books b on trade_keys(b.trade_hashes) @> trade_keys(array[trade_hash(t.trade_no)])
  cross join lateral unnest(b.order_nos, b.trade_hashes) x(order_no, trade_hash)
  join orders o on o.order_no = x.order_no and o.channel_trade_no = t.trade_no
  where x.trade_hash = trade_hash(t.trade_no)`

/** What fits among the newest of each stretch. */
async function nearOrders(
  { db }: Sql,
  { branchCode, merchantCodes, stretches, amountFen, code, plain, limit }: SearchPlace,
): Promise<{ items: DeskOrder[]; whole: boolean }> {
  const near = (made: RawBuilder<unknown>, of: RawBuilder<unknown>[]) => raw`(
    select o.* from orders o
    where ${all([
      ...of,
      branchCode !== null && raw`o.branch_code = ${branchCode}`,
      raw`o.business_date = s.day and ${made} >= s.begins and ${made} < s.ends`,
    ])}
    order by o.business_date desc, o.created_at desc, o.order_no desc limit ${LOOKED_AT})`
  const at = merchantCodes && raw`o.merchant_code = any(${[...merchantCodes]}::text[])`
  // PostgreSQL takes day and time for two things that know nothing of each other, and the index of both for the narrowest there is; so of
  // a merchant the time is no column to it.
  const looked = at ? near(raw`(o.created_at + 0)`, [at]) : near(raw`o.created_at`, [])
  const { rows } = await raw<Partial<DeskOrder> & { looked: number }>`
    with near as materialized (
      select s.begins as stretch, o.*
      from unnest(${stretches.map(({ date }) => date)}::date[], ${stretches.map(({ from }) => from)}::bigint[],
        ${stretches.map(({ until }) => until)}::bigint[]) as s(day, begins, ends)
      cross join lateral (${looked}) o
    ), found as (
      select o.* from near o
      where ${all([
        amountFen !== null && raw`(o.amount_fen = ${amountFen} or o.payable_fen = ${amountFen})`,
        code !== null && raw`(o.reason = ${code} or o.close_reason = ${code})`,
        plain && raw`o.discount_fen = 0`,
      ])}
      ${NEWEST} limit ${limit}
    )
    select w.looked, ${ORDER}
    from (
      select coalesce(max(n), 0) as looked
      from (select count(*) as n from near group by stretch) of_each
    ) w
    left join (found o left join merchants m on m.merchant_code = o.merchant_code) on true
    ${NEWEST}`.execute(db)
  const items = rows.filter(({ orderNo }) => orderNo !== null).map(({ looked: _, ...order }) => order as DeskOrder)
  return { items, whole: (rows[0]?.looked ?? 0) < LOOKED_AT }
}

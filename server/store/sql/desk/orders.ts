import { sql as raw } from 'kysely'
import type { DeskCursor, DeskOrder, DeskOrderDetail, DeskRefund, OrderDesk } from '../../../flow/ports'
import { counted } from '../count'
import type { Sql } from '../open-sql'
import { eventsOf, postingsOfOrder } from '../payment/pack-books'
import { papersOf } from '../payment/pack-papers'
import { aroundOrder } from './around'
import { orderConditions, ordersFor, refundConditions } from './filters'
import { all, NEWEST, ORDER, REFUND } from './order-rows'

/** The {@link OrderDesk} on PostgreSQL. Statements are put together from the filters that are given, so that each finds its index. */
export function sqlOrderDesk(sql: Sql): OrderDesk {
  const { db } = sql
  return {
    async orders({ after, limit, ...filter }) {
      const { rows } = await raw<DeskOrder>`
        select ${ORDER} from (
          select o.* from ${ordersFor(filter)} o
          where ${all([
            ...orderConditions(filter),
            after && raw`(o.business_date, o.created_at, o.order_no) < ${rowOf(after)}`,
          ])}
          ${NEWEST} limit ${limit}
        ) o
        left join merchants m on m.merchant_code = o.merchant_code
        ${NEWEST} limit ${limit}`.execute(db)
      return rows
    },
    countOrders: (filter, most) =>
      counted(db, raw`from ${ordersFor(filter)} o where ${all(orderConditions(filter))}`, most),
    countRefunds: (filter, most) => counted(db, raw`from refunds r where ${all(refundConditions(filter))}`, most),
    async order(orderNo, branchCode) {
      const [order] = await this.orders({ branchCode, orderNo, limit: 1 })
      if (!order) return undefined
      const events = await raw<DeskOrderDetail['events'][number]>`
        select at, kind, verb, outcome ->> 'code' as code, conflict from ${eventsOf(orderNo)} e order by event_id`.execute(
        db,
      )
      const postings = await raw<DeskOrderDetail['postings'][number]>`
        select role, case when role <> 'payer' then account end as account, amount_fen as "amountFen",
          refund_no as "refundNo", correction_id as "correctionId"
        from ${postingsOfOrder(orderNo)} p order by posting_id`.execute(db)
      const { wallet_paid: walletPaid } = await db
        .selectFrom('orders')
        .select('wallet_paid')
        .where('order_no', '=', orderNo)
        .executeTakeFirstOrThrow()
      return { ...order, walletPaid, events: events.rows, postings: postings.rows }
    },
    async around(input) {
      const [order] = await this.orders({ ...input, limit: 1 })
      return order && aroundOrder(sql, order, input)
    },
    replies: (orderNo) => repliesOf(sql, orderNo),
    async refunds({ after, limit, ...filter }) {
      const { rows } = await raw<DeskRefund>`
        select ${REFUND} from refunds r left join merchants m on m.merchant_code = r.merchant_code
        where ${all([
          ...refundConditions(filter),
          after && raw`(r.business_date, r.created_at, r.refund_no) < ${rowOf(after)}`,
        ])}
        order by r.business_date desc, r.created_at desc, r.refund_no desc limit ${limit}`.execute(db)
      return rows
    },
  }
}

async function repliesOf({ db }: Sql, orderNo: string) {
  const { rows } = await raw<{ at: number; verb: string | null; raw: unknown }>`
    select at, verb, raw from ${eventsOf(orderNo)} e where raw is not null
    union all
    select r.replied_at, e.verb, r.reply from (${papersOf(orderNo)}) r
    join ${eventsOf(orderNo)} e on e.kind in ('paid', 'closed')
    where r.reply is not null
    order by at`.execute(db)
  return rows
}

function rowOf({ businessDate, createdAt, number }: DeskCursor) {
  return raw`(${businessDate}::date, ${createdAt}::bigint, ${number}::text)`
}

import { type Expression, type RawBuilder, sql as raw, type SqlBool } from 'kysely'
import type { DeskCursor, DeskOrder, DeskOrderDetail, DeskRefund, OrderDesk } from '../../../flow/ports'
import type { Sql } from '../open-sql'

/** The {@link OrderDesk} on PostgreSQL. Statements are put together from the filters that are given, so that each finds its index. */
export function sqlOrderDesk(sql: Sql): OrderDesk {
  const { db } = sql
  return {
    async orders({ branchCode, merchantCode, date, campaignId, orderNo, discounted, state, after, limit }) {
      const page = (of?: RawBuilder<unknown>) => raw`
        select o.* from orders o
        where ${all([
          of,
          branchCode !== null && raw`o.branch_code = ${branchCode}`,
          date !== undefined && raw`o.business_date = ${date}::date`,
          campaignId !== undefined && raw`o.campaign_id = ${campaignId}`,
          orderNo !== undefined && raw`o.order_no = ${orderNo}`,
          discounted === true && raw`o.discount_fen > 0`,
          state !== undefined && raw`o.state = ${state}`,
          after && raw`(o.business_date, o.created_at, o.order_no) < ${rowOf(after)}`,
        ])}
        ${NEWEST} limit ${limit}`
      const { rows } = await raw<DeskOrder>`
        select ${ORDER} from (${merchantCode === undefined ? page() : ofMerchant(merchantCode, page)}) o
        left join merchants m on m.merchant_code = o.merchant_code
        ${NEWEST} limit ${limit}`.execute(db)
      return rows
    },
    async order(orderNo, branchCode) {
      const [order] = await this.orders({ branchCode, orderNo, limit: 1 })
      if (!order) return undefined
      const events = await raw<DeskOrderDetail['events'][number]>`
        select at, kind, verb, conflict from order_events where order_no = ${orderNo} order by event_id`.execute(db)
      const postings = await raw<DeskOrderDetail['postings'][number]>`
        select role, case when role <> 'payer' then account end as account, amount_fen as "amountFen",
          refund_no as "refundNo", correction_id as "correctionId"
        from postings where order_no = ${orderNo} order by posting_id`.execute(db)
      const { wallet_paid: walletPaid } = await db
        .selectFrom('orders')
        .select('wallet_paid')
        .where('order_no', '=', orderNo)
        .executeTakeFirstOrThrow()
      return { ...order, walletPaid, events: events.rows, postings: postings.rows }
    },
    async refunds({ branchCode, merchantCode, orderNo, date, state, after, limit }) {
      const { rows } = await raw<DeskRefund>`
        select ${REFUND} from refunds r left join merchants m on m.merchant_code = r.merchant_code
        where ${all([
          branchCode !== null && raw`r.branch_code = ${branchCode}`,
          merchantCode !== undefined && raw`r.merchant_code = ${merchantCode}`,
          orderNo !== undefined && raw`r.order_no = ${orderNo}`,
          date !== undefined && raw`r.business_date = ${date}::date`,
          state !== undefined && raw`r.state = ${state}`,
          after && raw`(r.business_date, r.created_at, r.refund_no) < ${rowOf(after)}`,
        ])}
        order by r.business_date desc, r.created_at desc, r.refund_no desc limit ${limit}`.execute(db)
      return rows
    },
  }
}

const NEWEST = raw`order by o.business_date desc, o.created_at desc, o.order_no desc`

/** In two halves, since each has an index of its own (migrations/0015) from whose end it is read. */
function ofMerchant(merchantCode: string, page: (of: RawBuilder<unknown>) => RawBuilder<unknown>) {
  const half = (state: RawBuilder<unknown>) => page(raw`o.merchant_code = ${merchantCode} and ${state}`)
  return raw`(${half(raw`o.state = 'paid'`)}) union all (${half(raw`o.state <> 'paid'`)})`
}

/** Who paid and from where is left in the table. */
const ORDER = raw`
  o.order_no as "orderNo", o.state, o.merchant_code as "merchantCode", coalesce(m.name, o.merchant_code) as "merchantName",
  o.business_date as "businessDate", o.channel, o.channel_trade_no as "channelTradeNo", o.amount_fen as "amountFen",
  o.discount_fen as "discountFen", o.payer_discount_fen as "payerDiscountFen",
  o.merchant_reward_fen as "merchantRewardFen", o.payable_fen as "payableFen",
  o.merchant_receives_fen as "merchantReceivesFen", o.campaign_id as "campaignId", o.slot, o.gl_account as "glAccount",
  o.created_at as "createdAt", o.ended_at as "endedAt", o.close_reason as "closeReason", o.verification,
  coalesce((
    select sum(r.payer_fen) from refunds r
    where r.order_no = o.order_no and r.state = 'refunded' and r.difference_id is null
  ), 0)::bigint as "payerRefundedFen"`

const REFUND = raw`
  r.refund_no as "refundNo", r.order_no as "orderNo", r.merchant_code as "merchantCode",
  coalesce(m.name, r.merchant_code) as "merchantName", r.state, r.payer_fen as "payerFen", r.merchant_fen as "merchantFen",
  r.gl_fen as "glFen", r.reason, r.business_date as "businessDate", r.created_at as "createdAt", r.ended_at as "endedAt",
  r.fail_reason as "failReason"`

function all(conditions: (Expression<unknown> | false | undefined)[]) {
  const given = conditions.filter((one): one is Expression<unknown> => Boolean(one))
  return given.length === 0 ? raw<SqlBool>`true` : raw<SqlBool>`${raw.join(given, raw` and `)}`
}

function rowOf({ businessDate, createdAt, number }: DeskCursor) {
  return raw`(${businessDate}::date, ${createdAt}::bigint, ${number}::text)`
}

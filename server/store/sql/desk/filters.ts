import { sql as raw } from 'kysely'
import { DAY_MS, endOfBusinessDate } from '../../../domain/business-date'
import type { OrderFilter, RefundFilter } from '../../../flow/ports'
import { PAYING_ORDERS } from '../payment/open-orders'
import { paidOrders } from '../payment/paid'
import { all } from './order-rows'

/** The conditions of a list's filters, of `orders o` and `refunds r`: a list and its number go by the same. */

/** Where orders by these filters are, `as o`. When one was paid is in no index of `orders`. */
export function ordersFor({ state, endedOn }: OrderFilter) {
  if (state === 'paying') return raw.raw(PAYING_ORDERS)
  if (state !== 'paid' || endedOn === undefined) return raw.raw('orders')
  return raw.raw(paidOrders({ from: `${startOf(endedOn)}::bigint`, to: `${endOfBusinessDate(endedOn)}::bigint` }))
}

/** An order ends on its day or later, but for clocks that disagree: so a list of an early day begins there and not with today. */
const CLOCKS_APART_DAYS = 1

export function orderConditions(of: OrderFilter) {
  const { date, from, to, campaignId, merchantsOf, ofBranch, glAccount, orderNo, discounted, state } = of
  const { branchCode, merchantCode, channel, account, deckFrom, deckTo, corrected, endedOn, madeBefore } = of
  return [
    branchCode !== null && raw`o.branch_code = ${branchCode}`,
    merchantCode !== undefined && raw`o.merchant_code = ${merchantCode}`,
    date !== undefined && raw`o.business_date = ${date}::date`,
    from !== undefined && raw`o.business_date >= ${from}::date`,
    to !== undefined && raw`o.business_date <= ${to}::date`,
    campaignId !== undefined && raw`o.campaign_id = ${campaignId}`,
    merchantsOf !== undefined &&
      raw`exists (
        select 1 from campaign_merchants cm
        where cm.campaign_id = ${merchantsOf} and cm.merchant_code = o.merchant_code)`,
    ofBranch !== undefined && raw`o.branch_code = ${ofBranch}`,
    glAccount !== undefined && raw`o.gl_account = ${glAccount}`,
    orderNo !== undefined && raw`o.order_no = ${orderNo}`,
    discounted === true && raw`o.discount_fen > 0`,
    state !== undefined && raw`o.state = ${state}`,
    madeBefore !== undefined && raw`o.created_at < ${madeBefore}::bigint`,
    channel !== undefined && raw`o.channel = ${channel}`,
    account !== undefined && raw`o.merchant_account = ${account}`,
    (deckFrom ?? deckTo) !== undefined && raw`o.slot is not null and o.state <> 'closed'`,
    deckFrom !== undefined && raw`o.deck_date >= ${deckFrom}::date`,
    deckTo !== undefined && raw`o.deck_date <= ${deckTo}::date`,
    corrected === true &&
      raw`(exists (select 1 from postings p where p.order_no = o.order_no and p.correction_id is not null and p.role = 'gl')
        or exists (select 1 from refunds r where r.order_no = o.order_no and r.difference_id is not null and r.state = 'refunded'))`,
    endedOn !== undefined &&
      raw`o.ended_at >= ${startOf(endedOn)}::bigint and o.ended_at < ${endOfBusinessDate(endedOn)}::bigint`,
    endedOn !== undefined && raw`o.business_date <= ${endedOn}::date + ${CLOCKS_APART_DAYS}::integer`,
  ]
}

export function refundConditions(of: RefundFilter) {
  const { branchCode, merchantCode, orderNo, date, state, channel, asked, endedOn } = of
  return [
    branchCode !== null && raw`r.branch_code = ${branchCode}`,
    merchantCode !== undefined && raw`r.merchant_code = ${merchantCode}`,
    orderNo !== undefined && raw`r.order_no = ${orderNo}`,
    date !== undefined && raw`r.business_date = ${date}::date`,
    state !== undefined && raw`r.state = ${state}`,
    channel !== undefined && raw`r.channel = ${channel}`,
    asked === true && raw`r.difference_id is null`,
    endedOn !== undefined &&
      raw`r.ended_at >= ${startOf(endedOn)}::bigint and r.ended_at < ${endOfBusinessDate(endedOn)}::bigint`,
    ofOrder(of),
  ]
}

/** By what the refunded order is. */
function ofOrder({ campaignId, orderFrom, orderTo, ofBranch, glAccount, account }: RefundFilter) {
  const given = [
    campaignId !== undefined && raw`o.campaign_id = ${campaignId}`,
    orderFrom !== undefined && raw`o.business_date >= ${orderFrom}::date`,
    orderTo !== undefined && raw`o.business_date <= ${orderTo}::date`,
    ofBranch !== undefined && raw`o.branch_code = ${ofBranch}`,
    glAccount !== undefined && raw`o.gl_account = ${glAccount}`,
    account !== undefined && raw`o.merchant_account = ${account}`,
  ]
  return given.some(Boolean) && raw`exists (select 1 from orders o where o.order_no = r.order_no and ${all(given)})`
}

const startOf = (date: string) => endOfBusinessDate(date) - DAY_MS

import type { OrderView } from '@contract'
import { dateTime } from '../../dates'
import { yuan } from '../../money'

/** What WeChat hands on of a receipt (转发): the way to the shop, and not to the order, which is its payer's alone. */
export function shareCard(order: OrderView | null): { title: string; path: string } {
  if (order?.state !== 'paid') return { title: '扫店里的收款码付款', path: '/pages/pay/index' }
  const { merchantName, merchantCode, payableFen, payerDiscountFen } = order
  const saved = payerDiscountFen > 0 ? `，省了 ¥${yuan(payerDiscountFen)}` : ''
  const path = `/pages/pay/index?merchant=${merchantCode}`
  return { title: `在${merchantName}付了 ¥${yuan(payableFen)}${saved}`, path }
}

/**
 * A receipt for others, in words: no link, since an order's page is its payer's alone, and nothing of the account it was paid from.
 */
export function receiptText(order: OrderView): string {
  const { merchantName, amountFen, payerDiscountFen, payableFen, refundedFen, orderNo } = order
  const of = payerDiscountFen > 0 ? `（订单 ¥${yuan(amountFen)}，优惠 ¥${yuan(payerDiscountFen)}）` : ''
  return [
    `付款小票 · ${merchantName}`,
    `已付款 ¥${yuan(payableFen)}${of}`,
    ...(refundedFen > 0 ? [`已退款 ¥${yuan(refundedFen)}`] : []),
    `时间 ${dateTime(order.endedAt ?? order.createdAt)}`,
    `订单号 ${orderNo}`,
  ].join('\n')
}

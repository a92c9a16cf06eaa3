import type { Prepay, WalletRefund } from './wallet'

/** What WeChat Pay says of a payment and of a refund, asked or unasked. */

const SHANGHAI_MS = 8 * 3_600_000
export const inShanghai = (at: number) => new Date(at + SHANGHAI_MS).toISOString().replace(/\.\d+Z$/, '+08:00')

const STATES = {
  open: ['NOTPAY', '订单未支付'],
  processing: ['NOTPAY', '订单未支付'],
  paid: ['SUCCESS', '支付成功'],
  closed: ['CLOSED', '订单已关闭'],
} as const

/** `refunded`: some of it went back, or is about to. */
export function transactionView(prepay: Prepay, refunded: boolean): Record<string, unknown> {
  const { request, state, transactionId, paidAt, couponFen } = prepay
  const { sp_appid, sp_mchid, sub_mchid, out_trade_no, attach = '', amount, payer } = request
  const [trade_state, trade_state_desc] = refunded ? (['REFUND', '转入退款'] as const) : STATES[state]
  const named = { sp_appid, sp_mchid, sub_mchid, out_trade_no, attach, trade_state, trade_state_desc, payer }
  if (state !== 'paid') return { ...named, amount: { total: amount.total, currency: amount.currency } }
  return {
    ...named,
    transaction_id: transactionId,
    trade_type: 'JSAPI',
    bank_type: 'OTHERS',
    success_time: inShanghai(paidAt),
    amount: {
      total: amount.total,
      payer_total: amount.total - couponFen,
      currency: amount.currency,
      payer_currency: 'CNY',
    },
    ...(couponFen > 0 && {
      promotion_detail: [
        {
          coupon_id: '109519',
          name: '微信支付立减',
          scope: 'GLOBAL',
          type: 'NOCASH',
          amount: couponFen,
          wechatpay_contribute: couponFen,
          merchant_contribute: 0,
          other_contribute: 0,
          currency: 'CNY',
        },
      ],
    }),
  }
}

function common({ request, refundId, endedAt, status }: WalletRefund, prepay: Prepay) {
  const { out_refund_no, out_trade_no } = request
  const { transactionId: transaction_id } = prepay
  const success_time = status === 'SUCCESS' ? { success_time: inShanghai(endedAt) } : {}
  const received = { user_received_account: '支付用户零钱' }
  return { refund_id: refundId, out_refund_no, out_trade_no, transaction_id, ...received, ...success_time }
}

export function refundView(refund: WalletRefund, prepay: Prepay): Record<string, unknown> {
  const { refund: fen, total, currency } = refund.request.amount
  return {
    ...common(refund, prepay),
    channel: 'ORIGINAL',
    create_time: inShanghai(refund.createdAt),
    status: refund.status,
    funds_account: 'AVAILABLE',
    amount: { refund: fen, total, payer_refund: fen, payer_total: total, settlement_refund: fen, currency },
  }
}

/** A notice's: other names, and no currency. */
export function refundNews(refund: WalletRefund, prepay: Prepay): Record<string, unknown> {
  const { refund: fen, total } = refund.request.amount
  const { sp_mchid, sub_mchid } = prepay.request
  return {
    sp_mchid,
    sub_mchid,
    ...common(refund, prepay),
    refund_status: refund.status,
    amount: { refund: fen, total, payer_refund: fen, payer_total: total },
  }
}

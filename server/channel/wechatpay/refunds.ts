import { CURRENCY, channelNo } from '../../domain/channel'
import type { Order } from '../../domain/order'
import type { Refund } from '../../domain/refund'
import { NOT_FOUND, type RefundChannel, type RefundReply } from '../../flow/ports'
import { type Exchange, refusalOf, type WechatpayClient } from './client'
import { isClosed, unclear, unknown } from './outcome'
import { refundReply, type WechatpayConfig } from './schema'

type Meaning = Pick<RefundReply, 'outcome' | 'seen'>

const REFUNDS = '/v3/refund/domestic/refunds'

/** Refused, and not begun: another number may be tried. */
const DECLINES: Record<string, string> = {
  INVALID_REQUEST: 'refund-refused',
  PARAM_ERROR: 'refund-refused',
  RULE_LIMIT: 'refund-refused',
  TRADE_ERROR: 'refund-refused',
  ACCOUNT_ERROR: 'refund-refused',
  USER_ACCOUNT_ABNORMAL: 'refund-refused',
}

/** WeChat Pay refunds when it comes to it: 200 says that it has taken it, and only `SUCCESS` that it is done. */
export function refunds(
  { exchange }: Pick<WechatpayClient, 'exchange'>,
  { notifyUrl }: Pick<WechatpayConfig, 'notifyUrl'>,
): RefundChannel {
  const request = (order: Order, { refundNo, shares }: Refund) => ({
    sub_mchid: order.accounts.merchant,
    out_trade_no: channelNo(order.orderNo),
    out_refund_no: channelNo(refundNo),
    notify_url: notifyUrl,
    amount: { refund: shares.payerFen, total: order.figures.payableFen, currency: CURRENCY },
  })
  const ask = ({ accounts }: Order, { refundNo }: Refund) =>
    exchange('GET', `${REFUNDS}/${channelNo(refundNo)}?sub_mchid=${accounts.merchant}`)

  return {
    async refund(order, refund) {
      const taken = await exchange('POST', REFUNDS, request(order, refund))
      const code = refusalOf(taken)
      const declined = code === undefined ? undefined : DECLINES[code]
      if (declined === undefined) return { verb: 'refund', ...meaningOf(order, refund, taken), raw: taken.raw }
      // The code stands for a refund that can't be and for a number that was used; which of them, the number says.
      const known = await ask(order, refund)
      const { outcome, seen } = meaningOf(order, refund, known)
      const isNew = outcome.kind === 'unknown' && outcome.code === NOT_FOUND
      if (isNew) return { verb: 'refund', outcome: { kind: 'declined', code: declined }, raw: taken.raw }
      const same = !seen || seen.amountFen === refund.shares.payerFen
      return same
        ? { verb: 'refund', outcome, seen, raw: known.raw }
        : { verb: 'refund', outcome: unknown('refund-number-reused'), raw: taken.raw }
    },
    async queryRefund(order, refund) {
      const told = await ask(order, refund)
      return { verb: 'query-refund', ...meaningOf(order, refund, told), raw: told.raw }
    },
  }
}

function meaningOf(order: Order, refund: Refund, exchange: Exchange): Meaning {
  const code = refusalOf(exchange)
  // The sub-merchant's money with WeChat Pay doesn't suffice: nothing was begun.
  if (code === 'NOT_ENOUGH') return { outcome: { kind: 'declined', code: 'insufficient-merchant-funds' } }
  if (isClosed(code)) return { outcome: unknown('order-closed') }
  if (exchange.kind !== 'verified' || exchange.status !== 200) return { outcome: unclear(exchange) }
  const reply = refundReply.safeParse(exchange.said)
  if (!reply.success) return { outcome: unknown('malformed-reply') }
  const { status, refund_id, out_refund_no, out_trade_no, amount } = reply.data
  if (out_refund_no !== channelNo(refund.refundNo) || out_trade_no !== channelNo(order.orderNo))
    return { outcome: unknown('other-refund') }
  // The reply names no sub-merchant: it answers for the one that was asked of.
  const seen = { amountFen: amount.refund, currency: amount.currency, payee: order.accounts.merchant }
  return { outcome: outcomeOfRefund(status, refund_id), seen }
}

export function outcomeOfRefund(status: string, refundId: string): RefundReply['outcome'] {
  switch (status) {
    case 'SUCCESS':
      return { kind: 'succeeded', channelTradeNo: refundId }
    case 'PROCESSING':
      return { kind: 'pending' }
    case 'CLOSED':
      return { kind: 'declined', code: 'refund-closed' }
    // The payer's card is gone; the money is kept for them until somebody says where to, so another refund would be a second one.
    case 'ABNORMAL':
      return unknown('refund-abnormal')
    default:
      return unknown('unmapped-state')
  }
}

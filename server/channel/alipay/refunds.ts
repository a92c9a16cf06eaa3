import { CURRENCY, channelNo } from '../../domain/channel'
import type { Order } from '../../domain/order'
import type { Refund } from '../../domain/refund'
import { NOT_FOUND, type RefundChannel, type RefundReply } from '../../flow/ports'
import type { AlipayClient, Exchange } from './client'
import { unknownOf } from './outcome'
import { yuanOf } from './payments'
import { refundReply } from './schema'

type Meaning = Pick<RefundReply, 'outcome' | 'seen'>

/** Nothing moved. Alipay keeps nothing of it: under the same number it could be asked for again, which we never do. */
const DECLINES: Readonly<Record<string, string>> = {
  'ACQ.SELLER_BALANCE_NOT_ENOUGH': 'insufficient-merchant-funds',
  'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL': 'refund-above-paid',
  'ACQ.REASON_TRADE_BEEN_FREEZEN': 'account-frozen',
  'ACQ.TRADE_NOT_ALLOW_REFUND': 'refund-not-allowed',
}

/**
 * `10000` says that Alipay has taken it. Whether money moved is in `fund_change`, N of a repeat and of what isn't done yet alike, and
 * what the reply names is the sum of all refunds: so each is asked about, and that answer counts (退款查询).
 */
export function refunds({ exchange }: AlipayClient): RefundChannel {
  const named = (order: Order, { refundNo }: Refund) => ({
    out_trade_no: channelNo(order.orderNo),
    out_request_no: channelNo(refundNo),
  })
  const ask = (order: Order, refund: Refund) => exchange('alipay.trade.fastpay.refund.query', named(order, refund))
  return {
    async refund(order, refund) {
      const request = { ...named(order, refund), refund_amount: yuanOf(refund.shares.payerFen) }
      const taken = await exchange('alipay.trade.refund', request)
      if (taken.kind !== 'answered') return { verb: 'refund', ...refusedBy(taken), raw: taken.raw }
      const asked = await ask(order, refund)
      const meaning = asked.kind === 'answered' ? meaningOf(order, refund, asked.said) : refusedBy(asked)
      // It was taken just now: not yet there is under way.
      const { outcome } = meaning
      const early = outcome.kind === 'unknown' && outcome.code === NOT_FOUND
      return { verb: 'refund', ...(early ? PENDING : meaning), raw: [taken.raw, asked.raw] }
    },
    async queryRefund(order, refund) {
      const asked = await ask(order, refund)
      const meaning = asked.kind === 'answered' ? meaningOf(order, refund, asked.said) : refusedBy(asked)
      return { verb: 'query-refund', ...meaning, raw: asked.raw }
    },
  }
}

const PENDING: Meaning = { outcome: { kind: 'pending' } }

function refusedBy(reply: Exclude<Exchange, { kind: 'answered' }>): Meaning {
  // The number is another amount's.
  if (reply.kind === 'refused' && reply.subCode === 'ACQ.DISCORDANT_REPEAT_REQUEST')
    return unknown('refund-number-reused')
  const code = reply.kind === 'refused' ? DECLINES[reply.subCode] : undefined
  return code ? { outcome: { kind: 'declined', code } } : unknown(unknownOf(reply))
}

/** Of a refund as a query has it. An answer without its number: there is none, and it may be asked for again. */
function meaningOf(order: Order, refund: Refund, said: unknown): Meaning {
  const reply = refundReply.safeParse(said)
  if (!reply.success) return unknown('malformed-reply')
  const { out_request_no: number, out_trade_no, trade_no: tradeNo, refund_amount: amountFen } = reply.data
  if (number === undefined) return unknown(NOT_FOUND)
  if (number !== channelNo(refund.refundNo)) return unknown('other-refund')
  if (out_trade_no !== channelNo(order.orderNo)) return unknown('other-order')
  if (reply.data.refund_status === undefined) return PENDING
  if (reply.data.refund_status !== 'REFUND_SUCCESS') return unknown('malformed-reply')
  if (amountFen === undefined || tradeNo === undefined) return unknown('malformed-reply')
  const seen = { amountFen, currency: CURRENCY, payee: order.accounts.merchant }
  // A refund has no number of Alipay's own: its bill, too, has it under the trade's.
  return { outcome: { kind: 'succeeded', channelTradeNo: tradeNo }, seen }
}

function unknown(code: string): Meaning {
  return { outcome: { kind: 'unknown', code } }
}

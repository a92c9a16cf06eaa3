import { CURRENCY, channelNo, unfamiliarDecline } from '../../../server/domain/channel'
import type { Order } from '../../../server/domain/order'
import type { Refund } from '../../../server/domain/refund'
import type { RefundChannel, RefundReply } from '../../../server/flow/ports'
import type { Exchange, ToyClient } from './client'
import { refusalOf } from './outcome'
import { refundReply } from './schema'

type Meaning = Pick<RefundReply, 'outcome' | 'seen'>

/** `abnormal`: the person's bank sent it back. Nothing moved, and it won't any more; another refund may be made. */
const DECLINES = new Set(['refund-above-paid', 'insufficient-merchant-funds'])
const REFUSALS = new Set(['not-found', 'not-paid', 'refund-number-reused', 'invalid-request'])

/** The wallet refunds when it comes to it: 200 says that it has taken it, and only `succeeded` that it is done. */
export function refunds({ exchange }: ToyClient): RefundChannel {
  const request = (order: Order, { refundNo, shares }: Refund) => ({
    refundNumber: channelNo(refundNo),
    number: channelNo(order.orderNo),
    amountFen: shares.payerFen,
    currency: CURRENCY,
  })
  const replyOf = (verb: RefundReply['verb'], { refundNo }: Refund, reply: Exchange): RefundReply => ({
    verb,
    ...meaningOf(channelNo(refundNo), reply),
    raw: reply.raw,
  })
  return {
    refund: async (order, refund) =>
      replyOf('refund', refund, await exchange('POST', '/v1/refunds', request(order, refund))),
    queryRefund: async (_, refund) =>
      replyOf('query-refund', refund, await exchange('GET', `/v1/refunds/${channelNo(refund.refundNo)}`)),
  }
}

function meaningOf(number: string, exchange: Exchange): Meaning {
  if (exchange.kind === 'failed') return unknown(exchange.code)
  if (exchange.status === 200) return meaningOfRefund(number, exchange.said)
  const code = refusalOf(exchange)
  return unknown(code !== undefined && REFUSALS.has(code) ? code : 'unmapped-refusal')
}

/** Of a refund as a reply or a notice says it. */
export function meaningOfRefund(number: string, said: unknown): Meaning {
  const reply = refundReply.safeParse(said)
  if (!reply.success) return unknown('malformed-reply')
  if (reply.data.refundNumber !== number) return unknown('other-refund')
  const { amountFen, currency, payee } = reply.data
  const seen = { amountFen, currency, payee }
  switch (reply.data.state) {
    case 'processing':
      return { outcome: { kind: 'pending' }, seen }
    case 'succeeded':
      return { outcome: { kind: 'succeeded', channelTradeNo: reply.data.refundId }, seen }
    case 'abnormal':
      return { outcome: { kind: 'declined', code: 'refund-abnormal' }, seen }
    case 'failed': {
      const { code } = reply.data
      return { outcome: { kind: 'declined', code: DECLINES.has(code) ? code : unfamiliarDecline(code) }, seen }
    }
  }
}

function unknown(code: string): Meaning {
  return { outcome: { kind: 'unknown', code } }
}

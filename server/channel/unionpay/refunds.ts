import { channelNo } from '../../domain/channel'
import type { Order } from '../../domain/order'
import type { Refund } from '../../domain/refund'
import { type Channel, type Clock, isTrusted, NOT_FOUND, type RefundChannel, type RefundReply } from '../../flow/ports'
import type { Exchange, UnionPayClient } from './client'
import { type Meaning, meaningOfQuery, refusalOf, type Trade, unknown } from './outcome'
import type { UnionPayConfig } from './schema'
import type { Fields } from './sign'
import { settleDayOf, timeOf } from './time'

/** So long a request is of now for UnionPay, whose own bound is wider. */
const OF_NOW_MS = 10 * 60_000

export function refundTradeOf({ refundNo, createdAt }: Refund): Trade {
  return { orderId: channelNo(refundNo), txnTime: timeOf(createdAt) }
}

/**
 * All of it on the day of its payment, as UnionPay counts days, is an undoing (消费撤销, 31), for which no fee is due; else it is a refund
 * (退货, 04). Which of them hangs on what is stored alone: sent again, it is the same.
 */
function kindOf(order: Order, { shares, createdAt }: Refund): Fields {
  const all = shares.payerFen === order.figures.payableFen
  const undone = all && settleDayOf(order.createdAt) === settleDayOf(createdAt)
  return { txnType: undone ? '31' : '04', txnSubType: '00', bizType: '000000' }
}

/** UnionPay refunds when it comes to it: 00 says that it has taken it, and only a query or a notice that it is done. */
export function refunds(
  client: UnionPayClient,
  query: Channel['query'],
  { notifyUrl, clock }: Pick<UnionPayConfig, 'notifyUrl'> & { clock: Clock },
): RefundChannel {
  const ask = (order: Order, refund: Refund) =>
    client.exchange('query', {
      ...{ txnType: '00', txnSubType: '00', bizType: '000000' },
      ...refundTradeOf(refund),
      merId: order.accounts.merchant,
    })
  const asked = (verb: RefundReply['verb'], refund: Refund, exchange: Exchange): RefundReply => ({
    verb,
    ...meaningOfQuery('refund', refundTradeOf(refund), exchange),
    raw: exchange.raw,
  })

  async function refund(order: Order, refund: Refund): Promise<RefundReply> {
    const tradeNo = order.channelTradeNo ?? (await paidAs(order))
    if (typeof tradeNo !== 'string') return { verb: 'refund', ...tradeNo }
    const exchange = await client.exchange('back', {
      ...kindOf(order, refund),
      ...refundTradeOf(refund),
      merId: order.accounts.merchant,
      origQryId: tradeNo,
      txnAmt: String(refund.shares.payerFen),
      backUrl: notifyUrl,
    })
    if (exchange.kind === 'verified' && exchange.respCode === '12') {
      const reply = asked('refund', refund, await ask(order, refund))
      const same = !reply.seen || reply.seen.amountFen === refund.shares.payerFen
      return same ? reply : { verb: 'refund', ...unknown('refund-number-reused'), raw: reply.raw }
    }
    const isPast = isTrusted(clock) && clock.now() > refund.createdAt + OF_NOW_MS
    const late = isPast && exchange.kind === 'verified' && exchange.respCode === '10'
    return late ? tooLate(order, refund) : { verb: 'refund', ...takenOf(exchange), raw: exchange.raw }
  }

  /** UnionPay takes no request of a time that is past, and a refund keeps its time: what it doesn't know by then it never will do. */
  async function tooLate(order: Order, refund: Refund): Promise<RefundReply> {
    const reply = asked('refund', refund, await ask(order, refund))
    const { outcome } = reply
    const absent = outcome.kind === 'unknown' && outcome.code === NOT_FOUND
    return absent ? { ...reply, outcome: { kind: 'declined', code: 'refund-too-late' } } : reply
  }

  /** UnionPay's number of the payment, from itself where we don't have it. */
  async function paidAs(order: Order): Promise<string | (Meaning & { raw: unknown })> {
    const { outcome, raw } = await query(order)
    switch (outcome.kind) {
      case 'succeeded':
        return outcome.channelTradeNo
      case 'unknown':
        return { outcome, raw }
      default:
        return { ...unknown('not-paid'), raw }
    }
  }

  return {
    refund,
    queryRefund: async (order, refund) => asked('query-refund', refund, await ask(order, refund)),
  }
}

/** Taken is not done. A refusal may be of this request alone, so none but the query's word is definite. */
function takenOf(exchange: Exchange): Meaning {
  if (exchange.kind === 'failed') return unknown(exchange.code)
  return exchange.respCode === '00' ? { outcome: { kind: 'pending' } } : unknown(refusalOf(exchange.respCode))
}

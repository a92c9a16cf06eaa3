import { CURRENCY, channelNo } from '../../../server/domain/channel'
import type { Order } from '../../../server/domain/order'
import type { Channel, ChannelReply } from '../../../server/flow/ports'
import type { Exchange, ToyClient } from './client'
import { meaningOf, refusalOf } from './outcome'

/** The body of `POST /v1/prepays`: made of the order alone, so that what is stored is what is sent, and sent again the same. */
export function payRequest(order: Order) {
  return {
    number: channelNo(order.orderNo),
    payer: order.payerRef,
    payee: order.accounts.merchant,
    amountFen: order.figures.payableFen,
    currency: CURRENCY,
    expiresAt: order.payBy,
  }
}

export function payments({ exchange }: ToyClient): Pick<Channel, 'payRequest' | 'pay' | 'query' | 'close'> {
  const at = (order: Order) => `/v1/prepays/${channelNo(order.orderNo)}`
  return {
    payRequest,
    pay: async (order) => replyOf('pay', order, await exchange('POST', '/v1/prepays', payRequest(order))),
    query: async (order) => replyOf('query', order, await exchange('GET', at(order))),
    async close(order) {
      const closed = await exchange('POST', `${at(order)}/close`)
      // Refused as paid. That code alone names no amount and no trade number: the payment itself does.
      const paid = refusalOf(closed) === 'already-paid'
      return replyOf('close', order, paid ? await exchange('GET', at(order)) : closed)
    },
  }
}

function replyOf(verb: ChannelReply['verb'], order: Order, exchange: Exchange): ChannelReply {
  return { verb, ...meaningOf(channelNo(order.orderNo), exchange), raw: exchange.raw }
}

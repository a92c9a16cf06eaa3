import type { Order } from '../../domain/order'
import { type Posting, postingsOf } from '../../domain/posting'
import { type Channel, type ChannelReply, ChannelUnavailable, type RefundChannel } from '../../flow/ports'
import { type ClientOptions, type Exchange, signedClient } from './client'
import { jsonOf, outcomeOf, refusalCode } from './outcome'
import { refundOutcomeOf, refundRequest } from './refund'
import { agreementReply } from './schema'

export { type BankConfig, bankConfig } from './schema'
export { type BankStatements, bankStatements } from './statement'

/** One composite clearing (一笔清算): the body of `POST /v1/clearings`. */
export interface ClearingRequest {
  orderNo: string
  businessDate: string
  agreementId: string
  legs: Posting[]
}

export interface BankChannel extends Channel, RefundChannel {
  payRequest(order: Order): ClearingRequest
  /** Waits for the calls in flight and closes the connections. */
  stop(): Promise<void>
}

/** Kept of a reply for the record; a real one has a few hundred characters. */
const MAX_RAW_CHARS = 4_096

/** The bank's own payment (docs/bank-channel.md). */
export function bankChannel(options: ClientOptions): BankChannel {
  const { exchange, stop } = signedClient(options)
  const clearing = (order: Order) => `/v1/clearings/${encodeURIComponent(order.orderNo)}`
  const refunds = (order: Order) => `${clearing(order)}/refunds`
  return {
    name: 'bank',
    payRequest,
    pay: async (order) => toReply('pay', order, await exchange('POST', '/v1/clearings', payRequest(order))),
    query: async (order) => toReply('query', order, await exchange('GET', clearing(order))),
    close: async (order) => toReply('close', order, await exchange('POST', `${clearing(order)}/close`)),
    async refund(order, refund) {
      const reply = await exchange('POST', refunds(order), refundRequest(order, refund))
      return { verb: 'refund', outcome: refundOutcomeOf(refund, reply), raw: rawOf(reply) }
    },
    async queryRefund(order, refund) {
      const reply = await exchange('GET', `${refunds(order)}/${encodeURIComponent(refund.refundNo)}`)
      return { verb: 'query-refund', outcome: refundOutcomeOf(refund, reply), raw: rawOf(reply) }
    },
    async agree(payerId, oneTimeCode) {
      const reply = await exchange('POST', '/v1/agreements', { payerId, oneTimeCode })
      if (reply.kind === 'failed') throw new ChannelUnavailable(`agreement: ${reply.code}`)
      if (reply.status === 422 && refusalCode(reply.body) === 'code-refused') return undefined
      const agreement = agreementReply.safeParse(jsonOf(reply.body))
      if (reply.status !== 200 || !agreement.success) throw new ChannelUnavailable(`agreement: status ${reply.status}`)
      return { ...agreement.data, payerId }
    },
    async ping() {
      const reply = await exchange('GET', '/v1/ping')
      if (reply.kind === 'failed') throw new ChannelUnavailable(`ping: ${reply.code}`)
      if (reply.status !== 200) throw new ChannelUnavailable(`ping: status ${reply.status}`)
    },
    stop,
  }
}

function payRequest(order: Order): ClearingRequest {
  const { orderNo, businessDate, agreementId } = order
  return { orderNo, businessDate, agreementId, legs: postingsOf(order) }
}

function toReply(verb: ChannelReply['verb'], order: Order, exchange: Exchange): ChannelReply {
  return { verb, outcome: outcomeOf(order.orderNo, exchange), raw: rawOf(exchange) }
}

function rawOf({ status, body }: Exchange) {
  return { status, body: body === null ? null : body.slice(0, MAX_RAW_CHARS) }
}

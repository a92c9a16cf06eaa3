import { channelNo, type PayerAction } from '../../domain/channel'
import type { Order } from '../../domain/order'
import { type Channel, type ChannelReply, type Clock, isTrusted, NOT_FOUND } from '../../flow/ports'
import type { Exchange, UnionPayClient } from './client'
import { isOf, type Meaning, meaningOfQuery, refusalOf, type Trade, unknown } from './outcome'
import { type MiniProgram, qrReply, tnReply, tradeReply, type UnionPayConfig } from './schema'
import type { Fields } from './sign'
import { timeOf } from './time'

/** Before the number of who jumps to UnionPay's mini-program: all others pay in an app of UnionPay's. */
export const JUMPS = 'weapp:'

/** UnionPay knows a trade by its number and its time, so every request about an order names the same two. */
export function tradeOf({ orderNo, createdAt }: Order): Trade {
  return { orderId: channelNo(orderNo), txnTime: timeOf(createdAt) }
}

/**
 * What is sent to prepare a payment (消费, 01), but for the signature. In UnionPay's apps the payer opens the address behind a code
 * (申请消费二维码, 07); from WeChat its mini-program is opened with a transaction number (01).
 */
export function payRequestOf(order: Order, notifyUrl: string): Fields {
  const way = jumps(order) ? { txnSubType: '01', bizType: '000201' } : { txnSubType: '07', bizType: '000000' }
  return {
    txnType: '01',
    ...way,
    ...tradeOf(order),
    merId: order.accounts.merchant,
    txnAmt: String(order.figures.payableFen),
    currencyCode: '156',
    backUrl: notifyUrl,
    payTimeout: timeOf(payByOf(order)),
  }
}

type Kept = Pick<UnionPayConfig, 'notifyUrl' | 'miniProgram' | 'clockToleranceMs'>

export function payments(
  client: UnionPayClient,
  { notifyUrl, miniProgram, clock, clockToleranceMs }: Kept & { clock: Clock },
): Pick<Channel, 'payRequest' | 'pay' | 'query' | 'close'> {
  const request = (order: Order) => payRequestOf(order, notifyUrl)
  const about = (order: Order, kind: Fields) => ({ ...kind, ...tradeOf(order), merId: order.accounts.merchant })
  const ask = (order: Order) => client.exchange('query', about(order, QUERY))
  // Its clock, and what it has still under way then, which may take as long again. By a clock in doubt nothing is.
  const isOver = (order: Order) => isTrusted(clock) && clock.now() > payByOf(order) + 2 * clockToleranceMs

  async function pay(order: Order): Promise<ChannelReply> {
    const exchange = await client.exchange(jumps(order) ? 'app' : 'back', request(order))
    if (exchange.kind === 'verified' && exchange.respCode === '12') {
      // It has the number already: how that stands is what counts, if it is this very payment.
      const asked = await ask(order)
      const meaning = meaningOfQuery('order', tradeOf(order), asked)
      const { seen } = meaning
      const same = !seen || seen.amountFen === order.figures.payableFen
      return { verb: 'pay', ...(same ? meaning : unknown('number-reused')), raw: asked.raw }
    }
    return { verb: 'pay', ...preparedOf(order, exchange, miniProgram), raw: exchange.raw }
  }

  async function query(order: Order, verb: ChannelReply['verb'] = 'query'): Promise<ChannelReply> {
    const exchange = await ask(order)
    return { verb, ...meaningOfQuery('order', tradeOf(order), exchange), raw: exchange.raw }
  }

  /**
   * It has no close. A reversal (冲正) makes void what isn't paid; it would take a payment back as well, so the order is asked about
   * first. Refused as too late, it leaves the order's own time: whatever isn't paid then never will be.
   */
  async function close(order: Order): Promise<ChannelReply> {
    const before = await query(order, 'close')
    if (!isOpen(before)) return before
    const reversal = await client.exchange('back', about(order, REVERSAL))
    const done = meaningOfReversal(order, reversal)
    if (done.outcome.kind === 'declined' || reversal.kind === 'failed')
      return { verb: 'close', ...done, raw: reversal.raw }
    const after = await query(order, 'close')
    if (!isOpen(after)) return after
    // Asked about, what waits for its payer and what is on its way are the same to it (05). Only this refusal tells them apart.
    return TOO_LATE.has(reversal.respCode) && isOver(order)
      ? { ...after, outcome: CLOSED }
      : { verb: 'close', ...done, raw: reversal.raw }
  }

  return { payRequest: request, pay, query: (order) => query(order), close }
}

const QUERY = { txnType: '00', txnSubType: '00', bizType: '000000' }
const REVERSAL = { txnType: '99', txnSubType: '01', bizType: '000000' }
/** There is nothing to reverse: it knows none, or its time is over. Refused for any other reason it may still be paid. */
const TOO_LATE = new Set(['34', '35'])
const CLOSED = { kind: 'declined', code: 'order-closed' } as const

const jumps = ({ payerRef }: Order) => payerRef.startsWith(JUMPS)
const payByOf = ({ payBy, createdAt }: Order) => payBy ?? createdAt

/** By UnionPay's verified word it is neither paid nor void: asked for, or never seen. */
function isOpen({ outcome }: ChannelReply): boolean {
  return outcome.kind === 'pending' || (outcome.kind === 'unknown' && outcome.code === NOT_FOUND)
}

function meaningOfReversal(order: Order, exchange: Exchange): Meaning {
  if (exchange.kind === 'failed') return unknown(exchange.code)
  const read = tradeReply.pick({ orderId: true, txnTime: true }).safeParse(exchange.said)
  if (!read.success || !isOf(tradeOf(order), read.data)) return unknown('other-order')
  return exchange.respCode === '00' ? { outcome: CLOSED } : unknown(refusalOf(exchange.respCode))
}

/** Of the answer to a preparation. Only with where to send the payer is anything prepared. */
function preparedOf(
  order: Order,
  exchange: Exchange,
  miniProgram: MiniProgram | null,
): Meaning & { action?: PayerAction } {
  if (exchange.kind === 'failed') return unknown(exchange.code)
  if (exchange.respCode !== '00') return unknown(refusalOf(exchange.respCode))
  const read = tradeReply.safeParse(exchange.said)
  if (!read.success || !isOf(tradeOf(order), read.data)) return unknown('other-order')
  const params = jumps(order) ? jumpOf(exchange.said, miniProgram) : addressOf(exchange.said)
  if (!params) return unknown('malformed-reply')
  return { outcome: { kind: 'pending' }, action: { kind: 'redirect', params, expiresAt: payByOf(order) } }
}

function addressOf(said: Fields): Record<string, string> | undefined {
  const url = qrReply.safeParse(said).data?.qrCode
  return url === undefined ? undefined : { url }
}

function jumpOf(said: Fields, miniProgram: MiniProgram | null): Record<string, string> | undefined {
  const tn = tnReply.safeParse(said).data?.tn
  return tn && miniProgram ? { appId: miniProgram.appId, path: `${miniProgram.path}?tn=${tn}` } : undefined
}

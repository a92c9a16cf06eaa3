import { CURRENCY, channelNo } from '../../domain/channel'
import type { Order, Outcome } from '../../domain/order'
import { type Channel, type ChannelReply, type Clock, isTrusted } from '../../flow/ports'
import { actionOf, payerOf } from './action'
import { type Exchange, refusalOf, type WechatpayClient } from './client'
import { CLOSED, isAbsent, isClosed, isPaid, type Meaning, meaningOf, unclear, unknown } from './outcome'
import type { WechatpayConfig } from './schema'

type Options = Pick<WechatpayConfig, 'mchId' | 'notifyUrl' | 'privateKey'> & { clock: Clock }

const PREPAY = '/v3/pay/partner/transactions/jsapi'

/** It lives a minute at the least from when it is asked for ("time_expire"); somewhat more, so that no clock's being off makes it less. */
const LIVES_AT_LEAST_MS = 90_000

/** When WeChat Pay itself stops taking it. No payer is waited for longer than `payBy`, when it is closed. */
function expiresAt(order: Order): number {
  return Math.max(order.payBy ?? 0, order.createdAt + LIVES_AT_LEAST_MS)
}

const SHANGHAI_MS = 8 * 3_600_000
const inShanghai = (at: number) => new Date(at + SHANGHAI_MS).toISOString().replace(/\.\d+Z$/, '+08:00')

/** The body of a prepay, made of the order alone, so that what is stored is what is sent, and sent again the same. */
export function payRequest({ mchId, notifyUrl }: Pick<Options, 'mchId' | 'notifyUrl'>, order: Order) {
  const { appId, openId } = payerOf(order)
  return {
    sp_appid: appId,
    sp_mchid: mchId,
    sub_mchid: order.accounts.merchant,
    // what the payer reads in WeChat's own list of payments
    description: `订单 ${order.orderNo}`,
    out_trade_no: channelNo(order.orderNo),
    time_expire: inShanghai(expiresAt(order)),
    notify_url: notifyUrl,
    amount: { total: order.figures.payableFen, currency: CURRENCY },
    payer: { sp_openid: openId },
  }
}

/** Refused for what we asked, or for who pays: nothing was prepared, so nobody can pay it. */
const DECLINES: Record<string, string> = {
  RULE_LIMIT: 'wallet-refused',
  ACCOUNT_ERROR: 'wallet-refused',
  USER_ACCOUNT_ABNORMAL: 'wallet-refused',
  TRADE_ERROR: 'wallet-refused',
  PARAM_ERROR: 'channel-refused',
  INVALID_REQUEST: 'channel-refused',
  APPID_MCHID_NOT_MATCH: 'channel-refused',
  MCH_NOT_EXISTS: 'channel-refused',
  NO_AUTH: 'channel-refused',
  SIGN_ERROR: 'channel-refused',
}

export function payments(
  { exchange }: Pick<WechatpayClient, 'exchange'>,
  options: Options,
): Pick<Channel, 'payRequest' | 'pay' | 'query' | 'close'> {
  const { mchId, privateKey, clock } = options
  const at = (order: Order) => `/v3/pay/partner/transactions/out-trade-no/${channelNo(order.orderNo)}`
  const prepare = (order: Order) => exchange('POST', PREPAY, payRequest(options, order))
  const ask = (order: Order) => exchange('GET', `${at(order)}?sp_mchid=${mchId}&sub_mchid=${order.accounts.merchant}`)
  /** To be closed at once, whenever that is: with an end of its own, since one that is less than a minute ahead is refused. */
  const fence = (order: Order) => {
    const end = Math.max(expiresAt(order), clock.now() + LIVES_AT_LEAST_MS)
    return exchange('POST', PREPAY, { ...payRequest(options, order), time_expire: inShanghai(end) })
  }
  const shut = (order: Order) =>
    exchange('POST', `${at(order)}/close`, { sp_mchid: mchId, sub_mchid: order.accounts.merchant })
  const meaning = (order: Order, exchange: Exchange) => meaningOf(mchId, channelNo(order.orderNo), exchange)

  async function pay(order: Order): Promise<ChannelReply> {
    const prepared = await prepare(order)
    const action = actionOf(privateKey, order, prepared)
    if (action) return replyOf('pay', prepared, { outcome: { kind: 'pending' } }, action)
    if (isPaid(refusalOf(prepared))) return asked('pay', order)
    const outcome = outcomeOfPrepay(prepared)
    if (outcome.kind !== 'declined') return replyOf('pay', prepared, { outcome })
    // A refusal is about this request: another of the same order, a sweeper's, may have made what its payer is shown.
    const said = await ask(order)
    const made = meaning(order, said)
    const absent = isAbsent(refusalOf(said))
    return { verb: 'pay', ...(absent ? { outcome } : made), raw: [prepared.raw, said.raw] }
  }

  /** What it says of itself. Found unpaid and with nothing kept for the payer to do, as after a lost reply, it is prepared again: the
   * same number with the same parameters is the same payment. */
  async function query(order: Order): Promise<ChannelReply> {
    const reply = await asked('query', order)
    if (reply.outcome.kind !== 'pending' || order.action || (order.payBy ?? 0) <= clock.now()) return reply
    const action = actionOf(privateKey, order, await prepare(order))
    return action ? { ...reply, action } : reply
  }

  async function asked(verb: ChannelReply['verb'], order: Order): Promise<ChannelReply> {
    const said = await ask(order)
    return replyOf(verb, said, meaning(order, said))
  }

  async function close(order: Order): Promise<ChannelReply> {
    let closed = await shut(order)
    const over = isTrusted(clock) && expiresAt(order) <= clock.now()
    // It knows no such number, and refuses none that it doesn't know: a prepay still on its way could make it. So it is made, and closed.
    if (isAbsent(refusalOf(closed)) && !over) {
      const made = await fence(order)
      closed = made.kind === 'verified' ? await shut(order) : made
    }
    const code = refusalOf(closed)
    if (isPaid(code)) return asked('close', order)
    return replyOf('close', closed, { outcome: outcomeOfClose(closed, code, over) })
  }

  return { payRequest: (order) => payRequest(options, order), pay, query, close }
}

export function outcomeOfPrepay(prepared: Exchange): Outcome {
  const code = refusalOf(prepared)
  if (isClosed(code)) return CLOSED
  if (code !== undefined && DECLINES[code]) return { kind: 'declined', code: DECLINES[code] }
  if (prepared.kind === 'verified' && prepared.status === 200) return unknown('malformed-reply')
  return unclear(prepared)
}

/** `over`: nobody can make it any more. */
function outcomeOfClose(closed: Exchange, code: string | undefined, over: boolean): Outcome {
  if (closed.kind === 'verified' && closed.status === 204) return CLOSED
  return isClosed(code) || (isAbsent(code) && over) ? CLOSED : unclear(closed)
}

function replyOf(
  verb: ChannelReply['verb'],
  { raw }: Exchange,
  meaning: Meaning,
  action?: ChannelReply['action'],
): ChannelReply {
  return { verb, ...meaning, ...(action && { action }), raw }
}

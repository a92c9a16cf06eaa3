import { channelNo, type PayerAction } from '../../domain/channel'
import type { Order } from '../../domain/order'
import { type Channel, type ChannelReply, type Clock, isTrusted, NOT_FOUND } from '../../flow/ports'
import type { AlipayClient, Exchange } from './client'
import { CLOSED, declineOf, type Meaning, meaningOfTrade, unknown, unknownOf } from './outcome'
import { ACCOUNT, type AlipayConfig, closeReply, createReply } from './schema'
import { beijing } from './sign'

/** What a payer whom our app at Alipay doesn't know is called: they pay on Alipay's own page, to which they are sent. */
export const BY_PAGE = 'page'

/** Alipay refuses to close what is no longer unpaid, and what it closed: the trade itself says which. */
const NOT_OPEN = new Set([
  'ACQ.TRADE_STATUS_ERROR',
  'ACQ.REASON_TRADE_STATUS_INVALID',
  'ACQ.REASON_ILLEGAL_STATUS',
  'ACQ.TRADE_HAS_CLOSE',
  'ACQ.TRADE_HAS_SUCCESS',
])

/** What makes the trade: of the order alone, so that what is stored is what is sent, and sent again the same. */
export function payRequest({ opAppId }: Pick<AlipayConfig, 'opAppId'>, order: Order) {
  return {
    out_trade_no: channelNo(order.orderNo),
    total_amount: yuanOf(order.figures.payableFen),
    // No merchant's name: it may hold = and &, which a subject may not.
    subject: `扫码付款 ${channelNo(order.orderNo)}`,
    ...productOf(order.payerRef),
    ...(opAppId !== undefined && !isByPage(order) && { op_app_id: opAppId }),
    sub_merchant: { merchant_id: order.accounts.merchant },
    // Comes back with every notice, which names the merchant nowhere else.
    passback_params: order.accounts.merchant,
    time_expire: beijing(order.payBy ?? order.createdAt),
  }
}

const isByPage = ({ payerRef }: Order) => payerRef === BY_PAGE

/** In Alipay's app its page is called with the trade; old apps know people by user_id, 2088…, new ones by open_id. */
function productOf(payerRef: string) {
  if (payerRef === BY_PAGE) return { product_code: 'QUICK_WAP_WAY' }
  return { product_code: 'JSAPI_PAY', [ACCOUNT.test(payerRef) ? 'buyer_id' : 'buyer_open_id']: payerRef }
}

/** What a query says of discounts when it is asked to. */
const GIVEN = ['fund_bill_list', 'voucher_detail_list']

/** `950` → `"9.50"`. */
export function yuanOf(fen: number): string {
  return `${(fen - (fen % 100)) / 100}.${String(fen % 100).padStart(2, '0')}`
}

export function payments(
  { exchange, pageUrl }: AlipayClient,
  config: AlipayConfig & { clock: Clock },
): Pick<Channel, 'payRequest' | 'pay' | 'query' | 'close'> {
  const notify = { notify_url: `${config.publicUrl}/channel/alipay/notify` }
  const named = (order: Order) => ({ out_trade_no: channelNo(order.orderNo) })
  const ask = (order: Order) => exchange('alipay.trade.query', { ...named(order), query_options: GIVEN })

  const actionOf =
    (order: Order) =>
    (tradeNO: string, sandboxUrl?: string): PayerAction => ({
      kind: 'jsapi',
      params: { tradeNO, ...(sandboxUrl !== undefined && { sandboxUrl }) },
      expiresAt: order.payBy ?? order.createdAt,
    })
  const pageAction = (order: Order): PayerAction => {
    // Alipay adds to its query, which an address with a fragment would lose.
    const back = { ...notify, return_url: `${config.publicUrl}/q/${order.merchantCode}` }
    const url = pageUrl('alipay.trade.wap.pay', payRequest(config, order), back, order.createdAt)
    return { kind: 'redirect', params: { url }, expiresAt: order.payBy ?? order.createdAt }
  }

  /**
   * Of a query's answer. A trade that isn't there may still be made, by a request on its way or by the payer who opens the page: so
   * that is no proof until nothing can make it any more, since it ends at Alipay when its time is over; and none by a clock in doubt.
   */
  function meaningOf(order: Order, reply: Exchange): Meaning {
    if (reply.kind === 'answered')
      return meaningOfTrade(order, reply.said, isByPage(order) ? () => pageAction(order) : actionOf(order))
    const code = unknownOf(reply)
    if (code !== NOT_FOUND) return unknown(code)
    const over = (order.payBy ?? 0) + config.timeoutMs + config.clockToleranceMs
    if (isTrusted(config.clock) && config.clock.now() > over) return { outcome: CLOSED }
    const waits = isByPage(order) && config.clock.now() <= (order.payBy ?? 0)
    return waits ? { outcome: { kind: 'pending' }, action: pageAction(order) } : unknown(code)
  }

  return {
    payRequest: (order) => payRequest(config, order),
    async pay(order) {
      if (isByPage(order)) return { verb: 'pay', outcome: { kind: 'pending' }, action: pageAction(order), raw: null }
      const made = await exchange('alipay.trade.create', payRequest(config, order), notify)
      if (made.kind === 'failed') return { verb: 'pay', ...unknown(made.code), raw: made.raw }
      if (made.kind === 'answered') return { verb: 'pay', ...meaningOfCreated(order, made.said), raw: made.raw }
      // A refusal names no number: the trade itself says whether there is one.
      const asked = await ask(order)
      const meaning = meaningOf(order, asked)
      const code = isUnseen(meaning) ? declineOf(made) : undefined
      return { verb: 'pay', ...(code ? declined(code) : meaning), raw: [made.raw, asked.raw] }
    },
    query: async (order) => replyOf('query', order, await ask(order)),
    async close(order) {
      const closed = await exchange('alipay.trade.close', named(order))
      if (closed.kind === 'answered') return { verb: 'close', ...meaningOfClosed(order, closed.said), raw: closed.raw }
      const ended = closed.kind === 'refused' && NOT_OPEN.has(closed.subCode)
      return replyOf('close', order, ended ? await ask(order) : closed)
    },
  }

  function replyOf(verb: ChannelReply['verb'], order: Order, reply: Exchange): ChannelReply {
    return { verb, ...meaningOf(order, reply), raw: reply.raw }
  }

  function meaningOfCreated(order: Order, said: unknown): Meaning {
    const reply = createReply.safeParse(said)
    if (!reply.success) return unknown('malformed-reply')
    if (reply.data.out_trade_no !== channelNo(order.orderNo)) return unknown('other-order')
    return { outcome: { kind: 'pending' }, action: actionOf(order)(reply.data.trade_no, reply.data.sandbox_url) }
  }
}

const isUnseen = ({ outcome }: Meaning) => outcome.kind === 'unknown' && outcome.code === NOT_FOUND

const declined = (code: string): Meaning => ({ outcome: { kind: 'declined', code } })

function meaningOfClosed(order: Order, said: unknown): Meaning {
  const reply = closeReply.safeParse(said)
  if (!reply.success) return unknown('malformed-reply')
  return reply.data.out_trade_no === channelNo(order.orderNo) ? { outcome: CLOSED } : unknown('other-order')
}

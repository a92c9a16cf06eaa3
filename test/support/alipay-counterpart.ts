import { alipayChannel } from '../../server/channel/alipay'
import type { AlipayClient, Exchange } from '../../server/channel/alipay/client'
import { channelNo } from '../../server/domain/channel'
import type { Clock } from '../../server/flow/ports'
import { methodOf, openPage, type Verb } from '../../server/sandbox/alipay/methods'
import { isRefusal, PASSWORD, Trades } from '../../server/sandbox/alipay/trades'
import type { Counterpart } from './counterpart'
import { COMMON, carrying, moved, SLOW, said, succeeded, WalletLine, WRONG } from './wallet-line'

export function alipayCounterpart(clock: Clock): Counterpart {
  const merchant = '2088100000000001'
  const line = new WalletLine<Verb>()
  const trades = new Trades(clock.now, () => {})
  const around = { trades, cashier: (tradeNo: string) => `http://127.0.0.1:9/${tradeNo}`, bill: () => '' }
  const refused = { refused: 'ACQ.BUYER_ENABLE_STATUS_FORBID' }
  const client: AlipayClient = {
    async exchange(method, biz, besides = {}): Promise<Exchange> {
      const read = methodOf({ ...besides, method, biz_content: JSON.stringify(biz) }, around)
      if (!read || isRefusal(read)) throw new Error(`${method} ${JSON.stringify(biz)}`)
      const sent = line.send(read.verb, read.number, read.run, refused)
      if ('failed' in sent) return { kind: 'failed', code: sent.failed, raw: null }
      const word = sent.heard
      return isRefusal(word)
        ? { kind: 'refused', code: '40004', subCode: word.refused, raw: null }
        : { kind: 'answered', said: said(word), raw: null }
    },
    pageUrl: (method, biz, besides) =>
      `https://alipay.invalid/?${new URLSearchParams({ ...besides, method, biz_content: JSON.stringify(biz) })}`,
    stop: async () => {},
  }
  const options = {
    ...{ ...COMMON, gatewayUrl: 'https://alipay.invalid/', appId: '2021000000000001', sellerId: '2088102146225135' },
    ...{ alipayKey: COMMON.privateKey, publicUrl: 'https://pay.example', clockToleranceMs: 30_000, clock },
  }
  const names = {
    pay: 'create',
    query: 'query',
    close: 'close',
    refund: 'refund',
    'query-refund': 'refund-query',
  } as const
  const at = (number: string) => trades.trades.get(channelNo(number))
  return {
    // Half of them are known to our app there; the others are sent to Alipay's page, and there is no trade until they open it.
    channel: carrying(alipayChannel(options, client), merchant, (payerId) => (payerId < 'c' ? payerId : 'page')),
    fate({ orderNo, payBy }) {
      const trade = at(orderNo)
      if (trade?.paidAt != null) return 'paid'
      const over = clock.now() >= payBy!
      if (!trade) return over || line.refused.has(channelNo(orderNo)) ? 'dead' : 'unseen'
      if (trade.state === 'waiting') return over ? 'dead' : 'open'
      return trade.state === 'closed' ? 'dead' : 'open'
    },
    word(orderNo) {
      const trade = at(orderNo)
      if (trade?.paidAt == null) return undefined
      const seen = { amountFen: trade.request.amountFen, currency: 'CNY', payee: trade.request.merchantId }
      return { outcome: succeeded(trade.tradeNo), seen }
    },
    refundWord(refundNo) {
      const refund = trades.refunds.get(channelNo(refundNo))
      if (refund?.state !== 'done') return undefined
      const { request, tradeNo } = trades.trades.get(refund.outTradeNo)!
      const seen = { amountFen: refund.amountFen, currency: 'CNY', payee: request.merchantId }
      return { outcome: succeeded(tradeNo), seen }
    },
    act({ params }, how) {
      trades.slowness.payment = how === 'confirm-slowly' ? SLOW : 0
      const opened = params.url
        ? openPage(Object.fromEntries(new URL(params.url).searchParams), trades)
        : trades.byTradeNo(params.tradeNO!)
      if (!opened || isRefusal(opened)) return
      trades.confirm(opened.request.outTradeNo, 'somebody', how === 'wrong-password' ? WRONG : PASSWORD)
    },
    next(verb, mishap) {
      if (verb === 'confirm' || verb === 'resend') return
      if (mishap === 'slow') trades.slowness.refund = SLOW
      else line.next(names[verb], mishap)
    },
    calm() {
      line.calm()
      trades.slowness.refund = 0
    },
    paid: () =>
      moved(trades.trades.values(), ({ paidAt, request }) =>
        paidAt === null ? undefined : [request.outTradeNo, request.amountFen],
      ),
    refunded: () =>
      moved(trades.refunds.values(), ({ state, outRequestNo, amountFen }) =>
        state === 'done' ? [outRequestNo, amountFen] : undefined,
      ),
  }
}

import { wechatpayChannel } from '../../server/channel/wechatpay'
import type { Exchange, WechatpayClient } from '../../server/channel/wechatpay/client'
import { channelNo } from '../../server/domain/channel'
import type { Clock } from '../../server/flow/ports'
import { callOf, refusalAnswer } from '../../server/sandbox/wechatpay/calls'
import type { Verb } from '../../server/sandbox/wechatpay/faults'
import type { Parts } from '../../server/sandbox/wechatpay/parts'
import { PASSWORD, refusal, Wallet } from '../../server/sandbox/wechatpay/wallet'
import type { Counterpart } from './counterpart'
import { COMMON, carrying, handedOut, moved, SLOW, said, succeeded, WalletLine, WRONG } from './wallet-line'

export function wechatpayCounterpart(clock: Clock): Counterpart {
  const [mchId, merchant, appId] = ['1900000109', '1900000001', 'wx00000000fa9a1001']
  const line = new WalletLine<Verb>()
  const wallet = new Wallet(clock.now, { mchId, appIds: null, subMchIds: null })
  const parts = { wallet, keys: { mchId }, pageUrl: (id: string) => `https://wechat.invalid/${id}` } as unknown as Parts
  const refused = refusalAnswer(refusal(403, 'RULE_LIMIT'))
  const client: Pick<WechatpayClient, 'exchange'> = {
    async exchange(method, route, value): Promise<Exchange> {
      const call = callOf(method, route, Buffer.from(JSON.stringify(value ?? null)), parts)
      if ('status' in call) throw new Error(`${method} ${route}: ${call.status}`)
      const sent = line.send(call.verb, call.number, call.run, refused)
      if ('failed' in sent) return { kind: 'failed', code: sent.failed, raw: null }
      return { kind: 'verified', status: sent.heard.status, said: said(sent.heard.body), raw: null }
    },
  }
  const options = {
    ...{ ...COMMON, baseUrl: 'https://wechat.invalid', mchId, serial: '', apiV3Key: new Uint8Array(32) },
    ...{ apiV2Key: null, frameOrigin: 'https://payapp.weixin.qq.com' },
    ...{ publicKey: null, appIds: [appId], notifyUrl: 'https://pay.example/channel/wechatpay/notify', clock },
    random: () => new Uint8Array(16),
  }
  const names = {
    pay: 'prepare',
    query: 'query',
    close: 'close',
    refund: 'refund',
    'query-refund': 'query-refund',
  } as const
  const at = (number: string) => wallet.prepays.get(channelNo(number))
  const real = wechatpayChannel(options, client as WechatpayClient)
  const channel = carrying(real, merchant, (payerId) => `${appId}|${payerId}`)
  const handed = handedOut(channel)
  return {
    channel,
    fate({ orderNo, payBy, createdAt }) {
      const state = at(orderNo)?.state
      // A prepay is taken until a minute before its end, which is a minute and a half after the order was made at the least.
      const over = () =>
        line.refused.has(channelNo(orderNo)) || clock.now() > Math.max(payBy!, createdAt + 90_000) - 60_000
      if (state === undefined || (state === 'open' && !handed.has(orderNo))) return over() ? 'dead' : 'unseen'
      return state === 'paid' ? 'paid' : state === 'closed' ? 'dead' : 'open'
    },
    word(orderNo) {
      const prepay = at(orderNo)
      if (prepay?.state !== 'paid') return undefined
      const seen = { amountFen: prepay.request.amount.total, currency: 'CNY', payee: prepay.request.sub_mchid }
      return { outcome: succeeded(prepay.transactionId), seen }
    },
    refundWord(refundNo) {
      const refund = wallet.refunds.get(channelNo(refundNo))
      if (refund?.status !== 'SUCCESS') return undefined
      const { amount, sub_mchid } = refund.request
      return {
        outcome: succeeded(refund.refundId),
        seen: { amountFen: amount.refund, currency: 'CNY', payee: sub_mchid },
      }
    },
    act({ params }, how) {
      wallet.slowness.payment = how === 'confirm-slowly' ? SLOW : 0
      const prepay = wallet.byId(params.package!.replace('prepay_id=', ''))!
      wallet.confirm(prepay, how === 'wrong-password' ? WRONG : PASSWORD)
    },
    next(verb, mishap) {
      if (verb === 'confirm' || verb === 'resend') return
      if (mishap === 'slow') wallet.slowness.refund = SLOW
      else line.next(names[verb], mishap)
    },
    calm() {
      line.calm()
      wallet.slowness.refund = 0
    },
    paid: () =>
      moved(wallet.prepays.values(), ({ state, request }) =>
        state === 'paid' ? [request.out_trade_no, request.amount.total] : undefined,
      ),
    refunded: () =>
      moved(wallet.refunds.values(), ({ status, request }) =>
        status === 'SUCCESS' ? [request.out_refund_no, request.amount.refund] : undefined,
      ),
  }
}

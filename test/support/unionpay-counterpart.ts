import { unionPayChannel } from '../../server/channel/unionpay'
import { type Exchange, PATHS, type UnionPayClient } from '../../server/channel/unionpay/client'
import { timeOf } from '../../server/channel/unionpay/time'
import { channelNo } from '../../server/domain/channel'
import type { Clock } from '../../server/flow/ports'
import { Book, PASSWORD } from '../../server/sandbox/unionpay/book'
import type { Verb } from '../../server/sandbox/unionpay/faults'
import { echoOf, readCall } from '../../server/sandbox/unionpay/gateway'
import type { Counterpart } from './counterpart'
import { COMMON, carrying, moved, SLOW, succeeded, WalletLine, WRONG } from './wallet-line'

export function unionPayCounterpart(clock: Clock): Counterpart {
  const merchant = '777290058140001'
  const line = new WalletLine<Verb>()
  const book = new Book(clock.now)
  const parts = {
    ...{ book, now: clock.now, client: { certId: '', publicKey: '', merIds: '777' } },
    pageOf: ({ token }: { token: string }) => `https://unionpay.invalid/page/${token}`,
    fileOf: () => ({}),
  }
  const client: UnionPayClient = {
    async exchange(where, fields): Promise<Exchange> {
      const all = { txnType: '', ...ALWAYS, ...fields }
      const call = readCall(PATHS[where], all, parts)
      const run = () => (typeof call === 'string' ? { respCode: call } : call.run())
      const sent = line.send(VERBS[all.txnType]!, fields.orderId, run, { respCode: '06' })
      if ('failed' in sent) return { kind: 'failed', code: sent.failed, raw: null }
      const answer = { ...echoOf(all), ...sent.heard }
      return { kind: 'verified', respCode: answer.respCode!, said: answer, raw: null }
    },
    signed: (fields) => fields,
    verify: (fields) => fields,
    stop: async () => {},
  }
  const options = {
    ...{ ...COMMON, baseUrl: 'https://unionpay.invalid', filesUrl: '', certId: '', merId: '777290058140000' },
    ...{
      authorities: [],
      owner: '',
      notifyUrl: 'https://pay.example/channel/unionpay/notify',
      miniProgram: null,
      clock,
    },
  }
  const at = (number: string) => book.payments.get(channelNo(number))
  return {
    channel: carrying(unionPayChannel(options, client), merchant, (payerId) => payerId),
    fate({ orderNo, payBy }) {
      const payment = at(orderNo)
      switch (payment?.state) {
        case undefined:
          // What comes so late that nobody can pay it any more may still be taken.
          return clock.now() > payBy! + 1_000 ? 'dead' : 'unseen'
        case 'paid':
          return 'paid'
        case 'open':
          return timeOf(clock.now()) > payment.asked!.payTimeout ? 'dead' : 'open'
        case 'processing':
          return 'open'
        default:
          return 'dead'
      }
    },
    word(orderNo) {
      const payment = at(orderNo)
      if (payment?.state !== 'paid') return undefined
      const seen = { amountFen: payment.asked!.amountFen, currency: 'CNY', payee: payment.merId }
      return { outcome: succeeded(payment.queryId), seen }
    },
    refundWord(refundNo) {
      const refund = book.refunds.get(channelNo(refundNo))
      if (refund?.state !== 'done') return undefined
      return {
        outcome: succeeded(refund.queryId),
        seen: { amountFen: refund.amountFen, currency: 'CNY', payee: refund.merId },
      }
    },
    act({ params }, how) {
      book.slowness.payment = how === 'confirm-slowly' ? SLOW : 0
      book.confirm(params.url!.split('/').at(-1)!, 'somebody', how === 'wrong-password' ? WRONG : PASSWORD)
    },
    next(verb, mishap) {
      if (verb === 'confirm' || verb === 'resend') return
      if (mishap === 'slow') book.slowness.refund = SLOW
      else line.next(verb === 'query-refund' ? 'query' : verb, mishap)
    },
    calm() {
      line.calm()
      book.slowness.refund = 0
    },
    paid: () =>
      moved(book.payments.values(), ({ state, orderId, asked }) =>
        state === 'paid' ? [orderId, asked!.amountFen] : undefined,
      ),
    refunded: () =>
      moved(book.refunds.values(), ({ state, orderId, amountFen }) =>
        state === 'done' ? [orderId, amountFen] : undefined,
      ),
  }
}

const VERBS: Record<string, Verb> = { '01': 'pay', '04': 'refund', '31': 'refund', '00': 'query', '99': 'close' }
/** In every request, beside what a trade is of. */
const ALWAYS = { version: '5.1.0', encoding: 'UTF-8', signMethod: '01', accessType: '0', channelType: '08', certId: '' }

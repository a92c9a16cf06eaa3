import { createSign, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { beijing, statusOf, voucherOf, yuanOf } from './methods'
import type { Refund, Trade, Trades } from './trades'

/** How a notice may be wrong. */
export const TWISTS = [
  'none',
  /** signed by nobody we know */
  'probe',
  /** one digit of the amount changed after it was signed */
  'flipped',
  /** signed ten minutes ago */
  'stale',
  /** signed well, and of another amount, sub-merchant, seller, app, or of a number nobody made */
  'wrong-amount',
  'wrong-merchant',
  'wrong-seller',
  'wrong-app',
  'unknown-number',
] as const
export type Twist = (typeof TWISTS)[number]

/** From now on: how what becomes definite is told. */
export const noticeWay = z.strictObject({
  /** how often each is sent, all at once; 0: never */
  times: z.int().min(0).max(10).default(1),
  /** how long after it became definite */
  delayMs: z.int().min(0).max(600_000).default(0),
  /** how often it is sent again, a moment apart, until it is acknowledged with `success` */
  retries: z.int().min(0).max(100).default(3),
})

export interface SentNotice {
  outTradeNo: string
  /** the platform's answer; null when there was none */
  status: number | null
  answer: string
}

const RETRY_MS = 200

interface Options {
  appId: string
  sellerId: string
  privateKey: string
  strangersKey: string
  now: () => number
  stopping: AbortSignal
}

/** Alipay's notices (异步通知): a form to the trade's own notify_url, until it is answered `success`. */
export class Notices {
  way = noticeWay.parse({})
  readonly sent: SentNotice[] = []

  constructor(private readonly options: Options) {}

  /** Something became definite. */
  async became(trades: Trades, trade: Trade, refund?: Refund): Promise<void> {
    const { times, delayMs, retries } = this.way
    const { stopping } = this.options
    try {
      await sleep(delayMs, undefined, { signal: stopping })
      const until = async () => {
        for (let left = retries; ; left--) {
          const { status, answer } = await this.send(trades, trade, refund)
          if ((status === 200 && answer === 'success') || left <= 0) return
          await sleep(RETRY_MS, undefined, { signal: stopping })
        }
      }
      await Promise.all(Array.from({ length: times }, until))
    } catch {
      // the sandbox is stopping
    }
  }

  /** Sends one now, wrong in the way it is told, and tells what came of it. */
  async send(trades: Trades, trade: Trade, refund?: Refund, twist: Twist = 'none'): Promise<SentNotice> {
    const outTradeNo = trade.request.outTradeNo
    if (trade.notifyUrl === null) return { outTradeNo, status: null, answer: '' }
    const body = this.form(trades, trade, refund, twist)
    const { stopping: signal } = this.options
    const reply = await fetch(trade.notifyUrl, { method: 'POST', body, signal }).catch(() => null)
    const one = { outTradeNo, status: reply?.status ?? null, answer: (await reply?.text().catch(() => '')) ?? '' }
    this.sent.push(one)
    return one
  }

  form(trades: Trades, trade: Trade, refund: Refund | undefined, twist: Twist): URLSearchParams {
    const { appId, sellerId, now, privateKey, strangersKey } = this.options
    const fields = { ...factsOf(trades, trade, refund), app_id: appId, auth_app_id: appId, seller_id: sellerId }
    const told: Record<string, string> = {
      ...fields,
      notify_time: beijing(now() - (twist === 'stale' ? 600_000 : 0)),
      ...twisted(fields.total_amount, twist),
    }
    const text = Object.entries(told)
      .filter(([, value]) => value !== '')
      .map((pair) => pair.join('='))
      .sort()
      .join('&')
    const sign = createSign('RSA-SHA256')
      .update(text)
      .sign(twist === 'probe' ? strangersKey : privateKey, 'base64')
    if (twist === 'flipped')
      told.total_amount = told.total_amount!.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10))
    return new URLSearchParams({ ...told, sign_type: 'RSA2', sign })
  }
}

function factsOf(trades: Trades, trade: Trade, refund: Refund | undefined) {
  const { request, tradeNo, createdAt, paidAt, couponFen } = trade
  const total = yuanOf(request.amountFen)
  const own = yuanOf(request.amountFen - couponFen)
  return {
    notify_type: 'trade_status_sync',
    notify_id: randomBytes(17).toString('hex'),
    charset: 'utf-8',
    version: '1.0',
    trade_no: tradeNo,
    out_trade_no: request.outTradeNo,
    trade_status: statusOf(trade),
    subject: request.subject,
    total_amount: total,
    buyer_logon_id: '159****5620',
    gmt_create: beijing(createdAt),
    ...(request.passback !== null && { passback_params: request.passback }),
    ...(paidAt !== null && {
      gmt_payment: beijing(paidAt),
      buyer_pay_amount: own,
      receipt_amount: total,
      fund_bill_list: JSON.stringify([
        { amount: own, fundChannel: 'ALIPAYACCOUNT' },
        ...(couponFen > 0 ? [{ amount: yuanOf(couponFen), fundChannel: 'COUPON' }] : []),
      ]),
      ...(couponFen > 0 && { voucher_detail_list: JSON.stringify([voucherOf(couponFen)]) }),
    }),
    ...(refund && {
      out_biz_no: refund.outRequestNo,
      refund_fee: yuanOf(trades.refundedFen(request.outTradeNo)),
      gmt_refund: `${beijing(refund.refundedAt ?? createdAt)}.000`,
    }),
  }
}

function twisted(totalAmount: string, twist: Twist): Record<string, string> {
  switch (twist) {
    case 'wrong-amount':
      return { total_amount: `9${totalAmount}` }
    case 'wrong-merchant':
      return { passback_params: '2088999999999999' }
    case 'wrong-seller':
      return { seller_id: '2088999999999999' }
    case 'wrong-app':
      return { app_id: '2021999999999999', auth_app_id: '2021999999999999' }
    case 'unknown-number':
      return { out_trade_no: 'F20260101AAAAAAAAAAAA', out_biz_no: '' }
    default:
      return {}
  }
}

import { randomBytes } from 'node:crypto'
import { KeptMap } from '../kept'
import type { PrepayRequest, RefundRequest } from './schema'

/**
 * WeChat Pay's books: what was prepared, what people did with it, what went back. Each verb is synchronous, which makes it atomic: of
 * two that race, one is first. Whatever a verb changes it gets from a map by its key, so that it is kept.
 */

export interface Prepay {
  request: PrepayRequest
  prepayId: string
  /** `open`: waits for the person, whatever attempt failed. `processing`: paid, and a question doesn't see it yet */
  state: 'open' | 'processing' | 'paid' | 'closed'
  /** of `processing`: so many more questions are answered with NOTPAY */
  questionsLeft: number
  transactionId: string
  paidAt: number
  /** what WeChat itself gave towards it, fen */
  couponFen: number
}

export interface WalletRefund {
  request: RefundRequest
  refundId: string
  status: 'PROCESSING' | 'SUCCESS' | 'CLOSED' | 'ABNORMAL'
  questionsLeft: number
  fate: 'SUCCESS' | 'CLOSED' | 'ABNORMAL'
  createdAt: number
  endedAt: number
}

/** Money that moved, in the order it did: what bills are made of. */
export interface Movement {
  number: string
  /** null: it was paid */
  refundNo: string | null
  at: number
}

/** A code of WeChat Pay's with its status. */
export interface Refusal {
  status: number
  code: string
}

/** Everybody begins with ¥100,000.00. */
const OPENING_FEN = 10_000_000
/** A payment lives a minute at the least. */
const LIVES_AT_LEAST_MS = 60_000
/** Where the money of WeChat's own coupons comes from. */
export const COUPONS = 'wechat-coupons'
export const PASSWORD = '246810'

export const refusal = (status: number, code: string): Refusal => ({ status, code })
export const isRefusal = (value: object): value is Refusal => 'code' in value

export class Wallet {
  readonly prepays = new KeptMap<Prepay>()
  readonly refunds = new KeptMap<WalletRefund>()
  readonly movements: Movement[] = []
  readonly balances = new KeptMap<number>()
  /** the next payments and refunds are seen after so many questions */
  slowness = { payment: 0, refund: 1 }
  refundFate: WalletRefund['fate'] = 'SUCCESS'
  /** what WeChat gives towards the next payments, fen */
  couponFen = 0

  constructor(
    private readonly now: () => number,
    private readonly owns: { mchId: string; appIds: readonly string[] | null; subMchIds: readonly string[] | null },
  ) {}

  /** The same number with the same parameters is the same payment. */
  prepare(request: PrepayRequest): Prepay | Refusal {
    const fault = this.faultOf(request)
    if (fault) return fault
    const known = this.prepays.get(request.out_trade_no)
    if (known?.state === 'closed') return refusal(400, 'ORDER_CLOSED')
    if (known && !same(known.request, request)) return refusal(403, 'OUT_TRADE_NO_USED')
    if (known) return known.state === 'paid' ? refusal(400, 'ORDERPAID') : known
    if (Date.parse(request.time_expire) < this.now() + LIVES_AT_LEAST_MS) return refusal(400, 'PARAM_ERROR')
    const prepayId = `wx${randomBytes(17).toString('hex')}`
    const nothing = { questionsLeft: 0, transactionId: '', paidAt: 0, couponFen: 0 }
    const prepay: Prepay = { request, prepayId, state: 'open', ...nothing }
    this.prepays.set(request.out_trade_no, prepay)
    this.balances.set(request.payer.sp_openid, this.balances.get(request.payer.sp_openid) ?? OPENING_FEN)
    return prepay
  }

  private faultOf({ sp_mchid, sp_appid, sub_mchid }: PrepayRequest): Refusal | undefined {
    if (sp_mchid !== this.owns.mchId) return refusal(403, 'NO_AUTH')
    if (!(this.owns.appIds?.includes(sp_appid) ?? /^wx[0-9a-f]{16}$/.test(sp_appid)))
      return refusal(400, 'APPID_MCHID_NOT_MATCH')
    return this.owns.subMchIds?.includes(sub_mchid) === false ? refusal(403, 'NO_AUTH') : undefined
  }

  query(number: string, subMchId: string | null): Prepay | Refusal {
    const prepay = this.of(number, subMchId)
    if (!isRefusal(prepay) && prepay.state === 'processing' && prepay.questionsLeft-- <= 0) this.settle(prepay)
    return prepay
  }

  close(number: string, subMchId: string): Refusal | undefined {
    const prepay = this.of(number, subMchId)
    if (isRefusal(prepay)) return prepay
    if (prepay.state === 'paid' || prepay.state === 'processing') return refusal(400, 'ORDERPAID')
    prepay.state = 'closed'
    return undefined
  }

  private of(number: string, subMchId: string | null): Prepay | Refusal {
    const prepay = this.prepays.get(number)
    if (!prepay) return refusal(404, 'ORDER_NOT_EXIST')
    return prepay.request.sub_mchid === subMchId ? prepay : refusal(403, 'NO_AUTH')
  }

  /** The person's part. Nobody else hears of it but by a query or a notice. */
  confirm(prepay: Prepay, password: string): 'paid' | 'wrong-password' | 'poor' | 'expired' | 'over' {
    if (prepay.state !== 'open') return 'over'
    if (Date.parse(prepay.request.time_expire) <= this.now()) return 'expired'
    if (password !== PASSWORD) return 'wrong-password'
    const { payer, amount } = prepay.request
    const couponFen = Math.min(this.couponFen, amount.total - 1)
    if (this.balance(payer.sp_openid) < amount.total - couponFen) return 'poor'
    Object.assign(prepay, { state: 'processing', questionsLeft: this.slowness.payment, couponFen })
    if (this.slowness.payment === 0) this.settle(prepay)
    return 'paid'
  }

  refund(request: RefundRequest): WalletRefund | Refusal {
    const known = this.refunds.get(request.out_refund_no)
    if (known) return same(known.request, request) ? known : refusal(400, 'INVALID_REQUEST')
    const prepay = this.prepays.get(request.out_trade_no)
    if (!prepay || prepay.request.sub_mchid !== request.sub_mchid) return refusal(404, 'RESOURCE_NOT_EXISTS')
    if (prepay.state !== 'paid') return refusal(400, 'ORDER_CLOSED')
    const others = [...this.refunds.values()].filter(
      (one) => one.request.out_trade_no === request.out_trade_no && one.status !== 'CLOSED',
    )
    const backFen = others.reduce((sum, one) => sum + one.request.amount.refund, request.amount.refund)
    if (request.amount.total !== prepay.request.amount.total || backFen > request.amount.total)
      return refusal(400, 'INVALID_REQUEST')
    if (this.balance(request.sub_mchid) < request.amount.refund) return refusal(403, 'NOT_ENOUGH')
    const refund: WalletRefund = {
      request,
      refundId: this.nextNo('503'),
      status: 'PROCESSING',
      questionsLeft: this.slowness.refund,
      fate: this.refundFate,
      createdAt: this.now(),
      endedAt: 0,
    }
    this.refunds.set(request.out_refund_no, refund)
    return refund
  }

  queryRefund(number: string, subMchId: string | null): WalletRefund | Refusal {
    const refund = this.refunds.get(number)
    if (!refund || refund.request.sub_mchid !== subMchId) return refusal(404, 'RESOURCE_NOT_EXISTS')
    if (refund.status === 'PROCESSING' && refund.questionsLeft-- <= 0) this.settleRefund(refund)
    return refund
  }

  /** What is under way comes to its end. */
  settle(prepay: Prepay): void {
    if (prepay.state !== 'processing') return
    const { payer, sub_mchid, amount } = prepay.request
    this.move(COUPONS, sub_mchid, prepay.couponFen)
    this.move(payer.sp_openid, sub_mchid, amount.total - prepay.couponFen)
    Object.assign(prepay, { state: 'paid', transactionId: this.nextNo('420'), paidAt: this.now() })
    this.movements.push({ number: prepay.request.out_trade_no, refundNo: null, at: prepay.paidAt })
  }

  settleRefund(refund: WalletRefund): void {
    if (refund.status !== 'PROCESSING') return
    Object.assign(refund, { status: refund.fate, endedAt: this.now() })
    if (refund.fate !== 'SUCCESS') return
    const prepay = this.prepays.get(refund.request.out_trade_no)!
    this.move(refund.request.sub_mchid, prepay.request.payer.sp_openid, refund.request.amount.refund)
    const { out_trade_no: number, out_refund_no: refundNo } = refund.request
    this.movements.push({ number, refundNo, at: refund.endedAt })
  }

  byId(prepayId: string): Prepay | undefined {
    const found = [...this.prepays.values()].find((one) => one.prepayId === prepayId)
    return found && this.prepays.get(found.request.out_trade_no)
  }

  balance(account: string): number {
    return this.balances.get(account) ?? 0
  }

  /** of all accounts, fen */
  total(): number {
    return [...this.balances.values()].reduce((sum, fen) => sum + fen, 0)
  }

  setBalance(account: string, fen: number): void {
    this.balances.set(account, fen)
  }

  private move(from: string, to: string, fen: number): void {
    this.setBalance(from, this.balance(from) - fen)
    this.setBalance(to, this.balance(to) + fen)
  }

  /** Each number is at once that of a movement or of a refund, so how many there are is a number that nobody has yet. */
  private nextNo(digits: string): string {
    const serial = this.movements.length + this.refunds.size + 1
    return `${digits}0000${String(this.now()).padStart(14, '0')}${String(serial).padStart(7, '0')}`
  }
}

function same(a: object, b: object): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

import { randomBytes } from 'node:crypto'
import { KeptMap } from '../kept'

/**
 * Alipay's books in a sandbox: trades, what people did with them, what went back. Amounts in fen. Each verb is synchronous, which makes
 * it atomic: of two that race, one is first. Whatever a verb changes it gets from a map by its key, so that it is kept.
 */

export interface TradeRequest {
  outTradeNo: string
  /** JSAPI: it is there once it is asked for; a page's only once its payer has opened it */
  product: 'JSAPI_PAY' | 'QUICK_WAP_WAY'
  /** null: whoever comes to the page */
  buyer: string | null
  merchantId: string
  amountFen: number
  subject: string
  passback: string | null
  expiresAt: number
}

export interface Trade {
  request: TradeRequest
  tradeNo: string
  notifyUrl: string | null
  /** `processing`: the password was right and the money is on its way; said to be waiting, and nobody can close it */
  state: 'waiting' | 'processing' | 'paid' | 'closed'
  /** who paid, or is to */
  buyer: string | null
  createdAt: number
  paidAt: number | null
  /** what Alipay gives towards it, fen */
  couponFen: number
  wrong: number
  /** of `processing`: so many more questions are answered before it settles */
  questionsLeft: number
}

export interface Refund {
  outRequestNo: string
  outTradeNo: string
  amountFen: number
  /** `processing`: taken, and not done */
  state: 'processing' | 'done'
  questionsLeft: number
  refundedAt: number | null
}

/** Money that moved, in the order it did: what bills are made of. */
export interface Movement {
  kind: '交易' | '退款'
  outTradeNo: string
  outRequestNo: string
  at: number
  amountFen: number
}

export type Refusal = { refused: string }
export const isRefusal = (value: object): value is Refusal => 'refused' in value

/** Where the money of Alipay's own coupons comes from. */
const COUPONS = '2088-alipay-coupons'
export const PASSWORD = '246810'
const OPENING_FEN = 10_000_000
const MAX_WRONG = 3

export type Act = 'paid' | 'processing' | 'wrong-password' | 'failed' | 'insufficient-funds' | 'over'

export class Trades {
  readonly trades = new KeptMap<Trade>()
  readonly refunds = new KeptMap<Refund>()
  readonly movements: Movement[] = []
  readonly balances = new KeptMap<number>()
  /** the next payments and refunds take so many questions to settle */
  slowness = { payment: 0, refund: 0 }
  /** what Alipay gives towards the next payments, fen */
  couponFen = 0

  constructor(
    private readonly now: () => number,
    /** something became definite: it is told of */
    private readonly onNews: (trade: Trade, refund?: Refund) => void,
  ) {}

  /** Idempotent on the number; with other data it is refused. */
  create(request: TradeRequest, notifyUrl: string | null): Trade | Refusal {
    const known = this.find(request.outTradeNo)
    if (known) {
      if (JSON.stringify(known.request) !== JSON.stringify(request)) return { refused: 'ACQ.CONTEXT_INCONSISTENT' }
      if (known.state === 'paid') return { refused: 'ACQ.TRADE_HAS_SUCCESS' }
      return known.state === 'closed' ? { refused: 'ACQ.TRADE_HAS_CLOSE' } : known
    }
    if (request.expiresAt <= this.now()) return { refused: 'ACQ.INVALID_PARAMETER' }
    const day = new Date(this.now() + 8 * 3_600_000).toISOString().slice(0, 10).replaceAll('-', '')
    const tradeNo = `${day}2200${(randomBytes(8).readBigUInt64BE() % 10n ** 16n).toString().padStart(16, '0')}`
    const { buyer } = request
    const nothing = { paidAt: null, couponFen: 0, wrong: 0, questionsLeft: 0, notifyUrl, createdAt: this.now() }
    const trade: Trade = { request, tradeNo, state: 'waiting', buyer, ...nothing }
    this.trades.set(request.outTradeNo, trade)
    return trade
  }

  query(outTradeNo: string): Trade | Refusal {
    const trade = this.find(outTradeNo)
    if (!trade) return { refused: 'ACQ.TRADE_NOT_EXIST' }
    if (trade.state === 'processing' && trade.questionsLeft-- <= 0) this.settle(trade)
    return trade
  }

  /** Only what waits; what was never seen isn't fenced by it. */
  close(outTradeNo: string): Trade | Refusal {
    const trade = this.find(outTradeNo)
    if (!trade) return { refused: 'ACQ.TRADE_NOT_EXIST' }
    if (trade.state !== 'waiting') return { refused: 'ACQ.REASON_TRADE_STATUS_INVALID' }
    trade.state = 'closed'
    return trade
  }

  refund(
    outTradeNo: string,
    outRequestNo: string,
    amountFen: number,
  ): { trade: Trade; refund: Refund; moved: boolean } | Refusal {
    const trade = this.find(outTradeNo)
    if (!trade) return { refused: 'ACQ.TRADE_NOT_EXIST' }
    if (trade.paidAt === null) return { refused: 'ACQ.TRADE_STATUS_ERROR' }
    const known = this.refunds.get(outRequestNo)
    if (known)
      return known.amountFen === amountFen && known.outTradeNo === outTradeNo
        ? { trade, refund: known, moved: false }
        : { refused: 'ACQ.DISCORDANT_REPEAT_REQUEST' }
    if (this.refundedFen(outTradeNo) + amountFen > trade.request.amountFen)
      return { refused: 'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL' }
    if (this.balance(trade.request.merchantId) < amountFen) return { refused: 'ACQ.SELLER_BALANCE_NOT_ENOUGH' }
    const questionsLeft = this.slowness.refund
    const refund: Refund = { outRequestNo, outTradeNo, amountFen, state: 'processing', questionsLeft, refundedAt: null }
    this.refunds.set(outRequestNo, refund)
    if (questionsLeft === 0) this.settleRefund(refund)
    return { trade, refund, moved: refund.state === 'done' }
  }

  queryRefund(outTradeNo: string, outRequestNo: string): { trade: Trade; refund: Refund | undefined } | Refusal {
    const trade = this.find(outTradeNo)
    if (!trade) return { refused: 'ACQ.TRADE_NOT_EXIST' }
    const refund = this.refunds.get(outRequestNo)
    if (refund?.outTradeNo !== outTradeNo) return { trade, refund: undefined }
    // The question that comes with the refund itself is the first.
    if (refund.state === 'processing' && refund.questionsLeft-- <= 0) this.settleRefund(refund)
    return { trade, refund }
  }

  /** The payer's part, on the wallet's page. Who fails may try again; nobody else hears of it but by a query or a notice. */
  confirm(outTradeNo: string, buyer: string, password: string): Act {
    const trade = this.find(outTradeNo)
    if (trade?.state !== 'waiting' || trade.wrong >= MAX_WRONG) return 'over'
    if (password !== PASSWORD) return ++trade.wrong < MAX_WRONG ? 'wrong-password' : 'failed'
    trade.buyer ??= buyer
    const couponFen = Math.min(this.couponFen, trade.request.amountFen - 1)
    if (this.balance(trade.buyer) < trade.request.amountFen - couponFen) return 'insufficient-funds'
    Object.assign(trade, { state: 'processing', couponFen, questionsLeft: this.slowness.payment })
    if (this.slowness.payment === 0) this.settle(trade)
    return this.trades.get(outTradeNo)?.state === 'paid' ? 'paid' : 'processing'
  }

  settle(trade: Trade): void {
    if (trade.state !== 'processing' || trade.buyer === null) return
    const [at, { amountFen }] = [this.now(), trade.request]
    this.move(COUPONS, trade.request.merchantId, trade.couponFen)
    this.move(trade.buyer, trade.request.merchantId, amountFen - trade.couponFen)
    Object.assign(trade, { state: 'paid', paidAt: at })
    this.movements.push({ kind: '交易', outTradeNo: trade.request.outTradeNo, outRequestNo: '', at, amountFen })
    this.onNews(trade)
  }

  settleRefund(refund: Refund): void {
    const trade = this.trades.get(refund.outTradeNo)
    if (refund.state === 'done' || !trade?.buyer) return
    const at = this.now()
    this.move(trade.request.merchantId, trade.buyer, refund.amountFen)
    Object.assign(refund, { state: 'done', refundedAt: at })
    if (this.refundedFen(refund.outTradeNo) === trade.request.amountFen) trade.state = 'closed'
    const { outTradeNo, outRequestNo, amountFen } = refund
    this.movements.push({ kind: '退款', outTradeNo, outRequestNo, at, amountFen })
    this.onNews(trade, refund)
  }

  byTradeNo(tradeNo: string): Trade | undefined {
    const found = [...this.trades.values()].find((one) => one.tradeNo === tradeNo)
    return found && this.find(found.request.outTradeNo)
  }

  /** of all its refunds, those under way included */
  refundedFen(outTradeNo: string): number {
    return [...this.refunds.values()]
      .filter((one) => one.outTradeNo === outTradeNo)
      .reduce((sum, { amountFen }) => sum + amountFen, 0)
  }

  balance(account: string): number {
    return this.balances.get(account) ?? (account.startsWith('2088') ? 0 : OPENING_FEN)
  }

  setBalance(account: string, fen: number): void {
    this.balances.set(account, fen)
  }

  /** of all accounts that ever moved or were set, fen */
  total(): number {
    return [...this.balances.values()].reduce((sum, fen) => sum + fen, 0)
  }

  /** What waits beyond its time is closed by Alipay itself. */
  private find(outTradeNo: string): Trade | undefined {
    const trade = this.trades.get(outTradeNo)
    if (trade?.state === 'waiting' && trade.request.expiresAt <= this.now()) trade.state = 'closed'
    return trade
  }

  private move(from: string, to: string, fen: number): void {
    const [before, after] = [this.balance(from) - fen, this.balance(to) + fen]
    this.setBalance(from, before)
    this.setBalance(to, after)
  }
}

import { randomBytes } from 'node:crypto'
import { KeptMap } from '../kept'

/** What UnionPay knows of trades and accounts. Whatever a verb changes it gets from a map by its key, so that it is kept. */

export interface Payment {
  orderId: string
  txnTime: string
  merId: string
  /** null: made void before it was asked for */
  asked: { amountFen: number; payTimeout: string; backUrl: string } | null
  /** behind which its page is; what jumps to the mini-program has it as `tn` */
  token: string
  state: 'open' | 'processing' | 'paid' | 'failed' | 'void'
  /** how it failed */
  code: string
  wrong: number
  questionsLeft: number
  payer: string | null
  queryId: string
  at: number
}

export interface Refund {
  orderId: string
  txnTime: string
  merId: string
  type: '04' | '31'
  amountFen: number
  backUrl: string
  /** of its payment */
  origOrderId: string
  origQueryId: string
  state: 'processing' | 'done' | 'failed'
  code: string
  questionsLeft: number
  queryId: string
  at: number
}

/** Money that moved, in the order it did: what statements are made of. */
export interface Movement {
  type: '01' | '04' | '31'
  orderId: string
  origOrderId: string
  merId: string
  queryId: string
  amountFen: number
  at: number
}

/** Everybody begins with ¥100,000.00. */
const OPENING_FEN = 10_000_000
const MAX_WRONG = 3
export const PASSWORD = '246810'

const DAY_MS = 86_400_000
const BEIJING_MS = 8 * 3_600_000

export const timeOf = (at: number) => new Date(at + BEIJING_MS).toISOString().slice(0, 19).replace(/\D/g, '')
/** Its days end at 23:00. */
export const settleDateOf = (at: number) => new Date(at + BEIJING_MS + 3_600_000).toISOString().slice(0, 10)
export const dayAfter = (date: string) => new Date(Date.parse(date) + DAY_MS).toISOString().slice(0, 10)

export class Book {
  readonly payments = new KeptMap<Payment>()
  readonly refunds = new KeptMap<Refund>()
  readonly movements: Movement[] = []
  readonly balances = new KeptMap<number>()
  /** the next payments and refunds take so many questions to settle */
  readonly slowness = { payment: 0, refund: 0 }
  /** `abnormal`: the payer's bank sends refunds back */
  refundFate: 'done' | 'abnormal' = 'done'
  /** `refused`: nothing that isn't paid can be reversed either */
  reversals: 'taken' | 'refused' = 'taken'

  constructor(private readonly now: () => number) {}

  prepare(payment: Pick<Payment, 'orderId' | 'txnTime' | 'merId' | 'asked'>): Payment | '12' {
    if (this.payments.has(payment.orderId) || this.refunds.has(payment.orderId)) return '12'
    return this.add(payment)
  }

  /** As a question finds it: what is processing comes nearer to its end. */
  payment(orderId: string): Payment | undefined {
    const payment = this.payments.get(orderId)
    if (payment?.state === 'processing' && payment.questionsLeft-- <= 0) this.settle(payment)
    return payment
  }

  /** 冲正: what isn't paid never will be, even what was never asked for. '35': too late; '05': its money is on its way. */
  reverse(named: Pick<Payment, 'orderId' | 'txnTime' | 'merId'>): '00' | '05' | '34' | '35' {
    const known = this.payments.get(named.orderId)
    if (known?.state === 'paid' || known?.state === 'failed') return '35'
    if (known?.state === 'processing') return '05'
    if (known && known.txnTime !== named.txnTime) return '34'
    if (this.reversals === 'refused') return known ? '35' : '34'
    const payment = known ?? this.add({ ...named, asked: null })
    payment.state = 'void'
    return '00'
  }

  /** The payer's part: what the page tells them. Nobody else hears of it but by a query or a notice. */
  confirm(
    token: string,
    payer: string,
    password: string,
  ): 'processing' | 'paid' | 'wrong-password' | 'failed' | 'over' {
    const payment = this.byToken(token)
    if (payment?.state !== 'open' || !payment.asked || timeOf(this.now()) > payment.asked.payTimeout) return 'over'
    if (password !== PASSWORD) {
      if (++payment.wrong < MAX_WRONG) return 'wrong-password'
      Object.assign(payment, { state: 'failed', code: '65' })
      return 'failed'
    }
    Object.assign(payment, { state: 'processing', payer, questionsLeft: this.slowness.payment })
    if (this.slowness.payment === 0) this.settle(payment)
    return payment.state as 'processing' | 'paid' | 'failed'
  }

  settle(payment: Payment): void {
    if (payment.state !== 'processing' || !payment.asked) return
    const { amountFen } = payment.asked
    if (this.balance(payment.payer!) < amountFen) {
      Object.assign(payment, { state: 'failed', code: '64' })
      return
    }
    Object.assign(payment, { state: 'paid', at: this.now(), queryId: this.nextQueryId() })
    this.move(payment.payer!, payment.merId, { ...payment, type: '01', origOrderId: '', amountFen })
  }

  /** Taken, or why not. Whether it can be done is told by the queries that follow. */
  refund(asked: Omit<Refund, 'origOrderId' | 'state' | 'code' | 'questionsLeft' | 'queryId' | 'at'>): string {
    if (this.payments.has(asked.orderId) || this.refunds.has(asked.orderId)) return '12'
    const payment = [...this.payments.values()].find((one) => one.queryId === asked.origQueryId && one.state === 'paid')
    if (!payment || payment.merId !== asked.merId) return '35'
    const before = [...this.refunds.values()].filter(
      (one) => one.origOrderId === payment.orderId && one.state !== 'failed',
    )
    const wholeToday = settleDateOf(payment.at) === settleDateOf(this.now()) && before.length === 0
    if (asked.type === '31' && (asked.amountFen !== payment.asked!.amountFen || !wholeToday)) return '36'
    const backFen = before.reduce((sum, one) => sum + one.amountFen, asked.amountFen)
    const code = backFen > payment.asked!.amountFen ? '33' : this.balance(payment.merId) < asked.amountFen ? '64' : ''
    const state = code === '' ? 'processing' : 'failed'
    const [origOrderId, questionsLeft] = [payment.orderId, this.slowness.refund]
    const refund: Refund = { ...asked, origOrderId, state, code, questionsLeft, queryId: '', at: 0 }
    this.refunds.set(asked.orderId, refund)
    return '00'
  }

  refunded(orderId: string): Refund | undefined {
    const refund = this.refunds.get(orderId)
    if (refund?.state === 'processing' && refund.questionsLeft-- <= 0) this.settleRefund(refund)
    return refund
  }

  settleRefund(refund: Refund): void {
    if (refund.state !== 'processing') return
    if (this.refundFate === 'abnormal') {
      Object.assign(refund, { state: 'failed', code: '60' })
      return
    }
    Object.assign(refund, { state: 'done', at: this.now(), queryId: this.nextQueryId() })
    this.move(refund.merId, this.payments.get(refund.origOrderId)!.payer!, refund)
  }

  byToken(token: string): Payment | undefined {
    const found = [...this.payments.values()].find((one) => one.token === token)
    return found && this.payments.get(found.orderId)
  }

  balance(account: string): number {
    // Merchants begin with nothing.
    return this.balances.get(account) ?? (/^\d{15}$/.test(account) ? 0 : OPENING_FEN)
  }

  setBalance(account: string, fen: number): void {
    this.balances.set(account, fen)
  }

  /** of all accounts that moved, fen, beyond what they began with */
  total(): number {
    return [...this.balances.keys()].reduce((sum, account) => sum + this.balance(account), 0)
  }

  private add(payment: Pick<Payment, 'orderId' | 'txnTime' | 'merId' | 'asked'>): Payment {
    const nothing = { wrong: 0, questionsLeft: 0, payer: null, queryId: '', code: '', at: 0 }
    const made: Payment = { ...payment, ...nothing, token: randomBytes(10).toString('hex'), state: 'open' }
    this.payments.set(made.orderId, made)
    return made
  }

  private move(
    from: string,
    to: string,
    { type, orderId, origOrderId, queryId, amountFen, at, merId }: Movement,
  ): void {
    for (const account of [from, to]) this.setBalance(account, this.balance(account))
    this.setBalance(from, this.balance(from) - amountFen)
    this.setBalance(to, this.balance(to) + amountFen)
    this.movements.push({ type, orderId, origOrderId, queryId, amountFen, at, merId })
  }

  /** Each is at once that of a movement. */
  private nextQueryId(): string {
    return `${timeOf(this.now())}${String(this.movements.length + 1).padStart(7, '0')}`
  }
}

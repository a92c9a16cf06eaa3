import { randomBytes } from 'node:crypto'
import type { PrepayRequest, RefundRequest } from './schema'

/**
 * The toy wallet's books: what it prepared, what people did with it, what went back. In memory. Each verb is synchronous,
 * which makes it atomic: of two that race, one is first.
 */

/** What was prepared; `request` is null when the number was closed before anybody had prepared it. */
export interface Prepay {
  number: string
  request: PrepayRequest | null
  prepayId: string
  /**
   * `open`: waits for the person, its expiry passed or not. `processing`: the password was right and the money is on its way;
   * nobody can stop it, and it may still fail.
   */
  state: 'open' | 'processing' | 'paid' | 'failed' | 'closed'
  /** wrong passwords so far */
  wrong: number
  /** of `processing`: so many more questions are answered before it settles */
  questionsLeft: number
  tradeNo: string | null
  paidAt: number | null
  /** why it failed */
  code: string | null
}

export interface WalletRefund {
  request: RefundRequest
  /** who gives it back */
  payee: string
  refundId: string
  /** `abnormal`: it came back from the person's bank; nothing moved, and another number may be tried */
  state: 'processing' | 'succeeded' | 'abnormal' | 'failed'
  /** so many more questions are answered with `processing` */
  questionsLeft: number
  /** how it will settle */
  fate: 'succeeded' | 'abnormal'
  refundedAt: number | null
  code: string | null
}

/** Money that moved, in the order it did: what bills are made of. */
export interface Movement {
  kind: 'PAY' | 'REFUND'
  number: string
  /** empty for a payment */
  refundNumber: string
  walletNo: string
  at: number
  payee: string
  amountFen: number
}

export type Refusal = { state: 'refused'; code: RefusalCode }
export type RefusalCode =
  | 'number-reused'
  | 'expires-too-late'
  | 'not-found'
  | 'already-paid'
  | 'payment-in-progress'
  | 'not-paid'
  | 'refund-number-reused'

/** Everybody begins with ¥100,000.00. */
const OPENING_FEN = 10_000_000
const MAX_WRONG = 3
/** What is prepared waits two hours at the most. */
const MAX_OPEN_MS = 2 * 3_600_000
export const PASSWORD = '246810'

export class Wallet {
  readonly prepays = new Map<string, Prepay>()
  readonly refunds = new Map<string, WalletRefund>()
  readonly movements: Movement[] = []
  private readonly balances = new Map<string, number>()
  private serial = 0
  /** the next payments and refunds take so many questions to settle */
  slowness = { payment: 0, refund: 1 }
  refundFate: WalletRefund['fate'] = 'succeeded'

  constructor(private readonly now: () => number) {}

  /** Idempotent on the number: the same parameters, the same prepay as it now stands. */
  prepare(request: PrepayRequest): Prepay | Refusal {
    const known = this.prepays.get(request.number)
    if (known) return known.request === null || same(known.request, request) ? known : refused('number-reused')
    if (request.expiresAt > this.now() + MAX_OPEN_MS) return refused('expires-too-late')
    const prepay = newPrepay(request.number, request)
    this.prepays.set(prepay.number, prepay)
    if (!this.balances.has(request.payer)) this.balances.set(request.payer, OPENING_FEN)
    return prepay
  }

  query(number: string): Prepay | Refusal {
    const prepay = this.prepays.get(number)
    if (!prepay) return refused('not-found')
    if (prepay.state === 'processing' && prepay.questionsLeft-- <= 0) this.settle(prepay)
    return prepay
  }

  /** Fences the number (关单), even one it has never seen: unless it is paid, or being paid just now, it never will be. */
  close(number: string): Prepay | Refusal {
    const prepay = this.prepays.get(number) ?? newPrepay(number, null)
    this.prepays.set(number, prepay)
    if (prepay.state === 'paid') return refused('already-paid')
    if (prepay.state === 'processing') return refused('payment-in-progress')
    if (prepay.state === 'open') prepay.state = 'closed'
    return prepay
  }

  /** The person's part: what the page tells them. Nobody else hears of it but by a query or a notice. */
  confirm(
    prepayId: string,
    password: string,
  ): 'processing' | 'paid' | 'wrong-password' | 'failed' | 'expired' | 'over' {
    const prepay = this.byId(prepayId)
    if (prepay?.state !== 'open' || !prepay.request) return 'over'
    if (prepay.request.expiresAt <= this.now()) return 'expired'
    if (password !== PASSWORD) {
      if (++prepay.wrong < MAX_WRONG) return 'wrong-password'
      Object.assign(prepay, { state: 'failed', code: 'password-failed' })
      return 'failed'
    }
    Object.assign(prepay, { state: 'processing', questionsLeft: this.slowness.payment })
    if (this.slowness.payment === 0) this.settle(prepay)
    return prepay.state as 'processing' | 'paid' | 'failed'
  }

  refund(request: RefundRequest): WalletRefund | Refusal {
    const known = this.refunds.get(request.refundNumber)
    if (known) return same(known.request, request) ? known : refused('refund-number-reused')
    const prepay = this.prepays.get(request.number)
    if (!prepay) return refused('not-found')
    if (prepay.state !== 'paid' || !prepay.request) return refused('not-paid')
    const { payee, amountFen } = prepay.request
    const refund: WalletRefund = {
      request,
      payee,
      refundId: this.nextNo('TR'),
      state: 'processing',
      questionsLeft: this.slowness.refund,
      fate: this.refundFate,
      refundedAt: null,
      code: null,
    }
    const backFen = [...this.refunds.values()]
      .filter((one) => one.request.number === request.number && ['processing', 'succeeded'].includes(one.state))
      .reduce((sum, one) => sum + one.request.amountFen, request.amountFen)
    if (backFen > amountFen) Object.assign(refund, { state: 'failed', code: 'refund-above-paid' })
    else if (this.balance(payee) < request.amountFen)
      Object.assign(refund, { state: 'failed', code: 'insufficient-merchant-funds' })
    this.refunds.set(request.refundNumber, refund)
    return refund
  }

  queryRefund(refundNumber: string): WalletRefund | Refusal {
    const refund = this.refunds.get(refundNumber)
    if (!refund) return refused('not-found')
    if (refund.state === 'processing' && refund.questionsLeft-- <= 0) this.settleRefund(refund)
    return refund
  }

  /** What is processing comes to its end. */
  settle(prepay: Prepay): void {
    if (prepay.state !== 'processing' || !prepay.request) return
    const { payer, payee, amountFen } = prepay.request
    if (this.balance(payer) < amountFen) {
      Object.assign(prepay, { state: 'failed', code: 'insufficient-funds' })
      return
    }
    const [walletNo, at] = [this.nextNo('TW'), this.now()]
    this.move(payer, payee, { kind: 'PAY', number: prepay.number, refundNumber: '', walletNo, at, payee, amountFen })
    Object.assign(prepay, { state: 'paid', tradeNo: walletNo, paidAt: at })
  }

  settleRefund(refund: WalletRefund): void {
    if (refund.state !== 'processing') return
    if (refund.fate === 'abnormal') {
      Object.assign(refund, { state: 'abnormal' })
      return
    }
    const { request, payee, refundId: walletNo } = refund
    const { payer } = this.prepays.get(request.number)!.request!
    const { currency: _, ...rest } = request
    const at = this.now()
    this.move(payee, payer, { kind: 'REFUND', ...rest, walletNo, at, payee })
    Object.assign(refund, { state: 'succeeded', refundedAt: at })
  }

  byId(prepayId: string): Prepay | undefined {
    return [...this.prepays.values()].find((one) => one.prepayId === prepayId)
  }

  balance(account: string): number {
    return this.balances.get(account) ?? 0
  }

  /** of all accounts, fen */
  total(): number {
    return [...this.balances.values()].reduce((sum, fen) => sum + fen, 0)
  }

  setBalance(account: string, balanceFen: number): void {
    this.balances.set(account, balanceFen)
  }

  private move(from: string, to: string, movement: Movement): void {
    this.setBalance(from, this.balance(from) - movement.amountFen)
    this.setBalance(to, this.balance(to) + movement.amountFen)
    this.movements.push(movement)
  }

  private nextNo(letters: string): string {
    return `${letters}${String(++this.serial).padStart(12, '0')}`
  }
}

function newPrepay(number: string, request: PrepayRequest | null): Prepay {
  const prepayId = randomBytes(16).toString('hex')
  const nothing = { wrong: 0, questionsLeft: 0, tradeNo: null, paidAt: null, code: null }
  return { number, request, prepayId, state: 'open', ...nothing }
}

function same(a: PrepayRequest | RefundRequest, b: PrepayRequest | RefundRequest): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function refused(code: RefusalCode): Refusal {
  return { state: 'refused', code }
}

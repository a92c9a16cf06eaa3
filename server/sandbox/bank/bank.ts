import { createHash } from 'node:crypto'
import type { Books, LegFault } from './books'
import type { Agreement, BankRefund, Clearing, Fact, RefundFact } from './facts'
import { type RefundFault, refundFault } from './refunds'
import type { ClearingRequest, OpeningBalance, RefundRequest } from './schema'

/** Where facts are kept before they count. Must throw when it can't keep one. */
export interface FactLog {
  append(fact: Fact): void
}

/** Why the bank refuses an instruction without recording anything of it. */
export type Refusal = { state: 'refused'; code: RefusalCode }
export type RefusalCode = LegFault | RefundFault | 'order-no-reused' | 'refund-no-reused' | 'not-found' | 'code-refused'

/** What a fault makes of a new instruction instead of judging it. */
export type Twist = { mode: 'decline'; code: string } | { mode: 'pending'; pendingQueries: number }

/** Every payer begins with ¥100,000.00. */
const OPENING_FEN = 10_000_000
const ONE_TIME_CODE = '000000'

/**
 * The bank's verbs: read the books, write the fact down, then change the books; so nothing is answered that a restart
 * would forget. Each verb is synchronous, which makes it atomic.
 */
export class Bank {
  constructor(
    readonly books: Books,
    private readonly log: FactLog,
    private readonly now: () => number,
  ) {}

  /** Books a composite clearing, all or nothing. Idempotent on `orderNo`: same content, same answer. */
  clear(request: ClearingRequest, twist?: Twist): Clearing | Refusal {
    const { orderNo } = request
    const known = this.books.clearings.get(orderNo)
    if (known) {
      const same = known.request === null || JSON.stringify(known.request) === JSON.stringify(request)
      return same ? known : { state: 'refused', code: 'order-no-reused' }
    }
    const fault = this.books.legFault(request)
    if (fault) return { state: 'refused', code: fault }
    this.record(this.factFor(request, twist))
    return this.clearing(orderNo)
  }

  /** A pending clearing settles when it has been asked about often enough. */
  query(orderNo: string): Clearing | Refusal {
    const known = this.books.clearings.get(orderNo)
    if (!known) return { state: 'refused', code: 'not-found' }
    if (known.state !== 'pending' || known.request === null) return known
    // Not journalled: after a restart the count begins anew, which only makes the clearing pend longer.
    if (known.queriesLeft-- > 0) return known
    this.record(this.books.judge(known.request, this.now()))
    return this.clearing(orderNo)
  }

  /** Fences the number (关单): unless it is booked, it never will be. The answer is definite. */
  close(orderNo: string): Clearing {
    const known = this.books.clearings.get(orderNo)
    if (known?.state === 'succeeded' || known?.state === 'declined') return known
    this.record({ type: 'declined', orderNo, request: known?.request ?? null, code: 'order-closed' })
    return this.clearing(orderNo)
  }

  /** Refunds a booked clearing in part or in full, all or nothing. Idempotent on `refundNo`, as a clearing is on its number. */
  refund(orderNo: string, request: RefundRequest, twist?: Twist): BankRefund | Refusal {
    const known = this.books.refunds.get(request.refundNo)
    if (known) {
      const same = known.orderNo === orderNo && JSON.stringify(known.request) === JSON.stringify(request)
      return same ? known : { state: 'refused', code: 'refund-no-reused' }
    }
    const clearing = this.books.clearings.get(orderNo)
    if (!clearing) return { state: 'refused', code: 'not-found' }
    const fault = refundFault(clearing, request)
    if (fault) return { state: 'refused', code: fault }
    this.record(this.refundFactFor(clearing, request, twist))
    return this.books.refunds.get(request.refundNo)!
  }

  /** A pending refund settles when it has been asked about often enough. */
  queryRefund(orderNo: string, refundNo: string): BankRefund | Refusal {
    const known = this.books.refunds.get(refundNo)
    if (known?.orderNo !== orderNo) return { state: 'refused', code: 'not-found' }
    if (known.state !== 'pending') return known
    if (known.queriesLeft-- > 0) return known
    this.record(this.books.judgeRefund(this.clearing(orderNo), known.request, this.now()))
    return this.books.refunds.get(refundNo)!
  }

  /** Any payer has one account; its number follows from the payer's id, so that it survives a wiped sandbox. */
  agree(payerId: string, oneTimeCode: string): Agreement | Refusal {
    if (oneTimeCode !== ONE_TIME_CODE) return { state: 'refused', code: 'code-refused' }
    const hash = createHash('sha256').update(payerId).digest('hex')
    const agreementId = `AG${hash.slice(0, 16).toUpperCase()}`
    const known = this.books.agreements.get(agreementId)
    if (known) return known
    const digits = String(BigInt(`0x${hash.slice(16, 32)}`) % 10n ** 13n).padStart(13, '0')
    const agreement = { agreementId, payerId, account: `621788${digits}` }
    this.record({ type: 'agreed', agreement, openingFen: OPENING_FEN })
    return agreement
  }

  setBalance(balance: OpeningBalance): void {
    this.record({ type: 'balance-set', ...balance })
  }

  private factFor(request: ClearingRequest, twist: Twist | undefined): Fact {
    switch (twist?.mode) {
      case 'decline':
        return { type: 'declined', orderNo: request.orderNo, request, code: twist.code }
      case 'pending':
        return { type: 'accepted', request, queriesLeft: twist.pendingQueries }
      case undefined:
        return this.books.judge(request, this.now())
    }
  }

  private refundFactFor(clearing: Clearing, request: RefundRequest, twist: Twist | undefined): RefundFact {
    const { orderNo } = clearing
    switch (twist?.mode) {
      case 'decline':
        return { type: 'refund-declined', orderNo, request, code: twist.code }
      case 'pending':
        return { type: 'refund-accepted', orderNo, request, queriesLeft: twist.pendingQueries }
      case undefined:
        return this.books.judgeRefund(clearing, request, this.now())
    }
  }

  private record(fact: Fact): void {
    this.log.append(fact)
    this.books.apply(fact)
  }

  private clearing(orderNo: string): Clearing {
    return this.books.clearings.get(orderNo)!
  }
}

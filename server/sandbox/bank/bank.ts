import type { Verification } from '../../domain/channel'
import type { Books, LegFault } from './books'
import { type Secrets, secretsOf } from './challenges'
import type { BankRefund, Clearing, Fact, RefundFact, Way } from './facts'
import { Questions, type Resending } from './questions'
import { clawBackFault, type RefundFault, refundFault } from './refunds'
import type { ClearingRequest, OpeningBalance, RefundRequest, Role } from './schema'
import { Signings } from './signings'

/** Where facts are kept before they count. Must throw when it can't keep one. */
export interface FactLog {
  append(fact: Fact): void
}

/** Why the bank refuses an instruction without recording anything of it. */
export type Refusal = { state: 'refused'; code: RefusalCode }
export type RefusalCode =
  | LegFault
  | RefundFault
  | 'order-no-reused'
  | 'refund-no-reused'
  | 'not-found'
  | 'envelope-invalid'

/** What a fault makes of an instruction instead of what the bank would. */
export type Twist =
  | { mode: 'decline'; code: string }
  | { mode: 'pending'; pendingQueries: number }
  /** asks the payer all the same, here or on the bank's own page */
  | { mode: 'challenge' | 'redirect' }

/** What the payer answered, and what for. */
export interface Answered {
  challengeId: string
  proof: string
  /** the merchant's account and the amount debited that the payer saw, fen */
  payee: string
  amountFen: number
  /** where they typed it: at the platform's page or the bank's own; each takes what it asked for itself */
  at: Way
}

export interface BankWays {
  /** whoever comes has an agreement, and is never asked */
  easy: boolean
  secrets: Secrets
  /** what people call the bank */
  name: string
  /** what people call the merchant of an account */
  payee(account: string): string
  /** the address of the bank's own page about a challenge */
  pageUrl(token: string): string
}
const EASY: BankWays = {
  easy: true,
  secrets: secretsOf('easy'),
  name: '发牌示范银行',
  payee: (account) => account,
  pageUrl: (token) => `https://bank.example/cashier/${token}`,
}

/**
 * The bank's verbs: read the books, write the fact down, then change the books; so nothing is answered that a restart
 * would forget. Each verb is synchronous, which makes it atomic.
 */
export class Bank {
  readonly questions: Questions
  readonly signings: Signings

  constructor(
    readonly books: Books,
    private readonly log: FactLog,
    readonly now: () => number,
    readonly ways: BankWays = EASY,
  ) {
    const record = (fact: Fact) => this.record(fact)
    this.questions = new Questions(books, record, now, ways.secrets)
    this.signings = new Signings(books, record, this.questions)
  }

  /**
   * Books a composite clearing, all or nothing, or asks its payer first, with nothing booked. Idempotent on `orderNo`: same
   * content, same answer.
   */
  clear(request: ClearingRequest, twist?: Twist): Clearing | Refusal {
    const { orderNo } = request
    const known = this.known(orderNo)
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
    const known = this.known(orderNo)
    if (!known) return { state: 'refused', code: 'not-found' }
    if (known.state !== 'pending' || known.request === null) return known
    // Not journalled: after a restart the count begins anew, which only makes the clearing pend longer.
    if (known.queriesLeft-- > 0) return known
    this.record(this.books.judge(known.request, known.verification, this.now()))
    return this.clearing(orderNo)
  }

  /**
   * Books what was asked about when the proof is right; the third wrong one declines it for good. A proof for another challenge
   * is nobody's to judge: the answer is how the clearing stands.
   */
  confirm(orderNo: string, { challengeId, proof, payee, amountFen, at }: Answered, twist?: Twist): Clearing | Refusal {
    const known = this.known(orderNo)
    if (!known?.request) return known ?? { state: 'refused', code: 'not-found' }
    const { request } = known
    const shown = shownOf(request)
    if (payee !== shown.payee || amountFen !== shown.amountFen) return { state: 'refused', code: 'envelope-invalid' }
    if (known.state !== 'challenge' || known.challengeId !== challengeId) return known
    const { way } = this.questions.get(challengeId)
    if (way !== at) return known
    switch (this.questions.judge(challengeId, proof)) {
      case 'right':
        this.record(this.settled(request, way, twist))
        break
      case 'failed':
        this.record({ type: 'declined', orderNo, request, code: 'authentication-failed' })
        break
      case 'wrong':
    }
    return this.clearing(orderNo)
  }

  resend(orderNo: string, challengeId: string): Resending {
    const known = this.known(orderNo)
    const stands = known?.state === 'challenge' && known.challengeId === challengeId
    return stands ? this.questions.resend(challengeId) : { kind: 'gone' }
  }

  /** Fences the number (关单): unless it is booked, it never will be. The answer is definite. */
  close(orderNo: string): Clearing {
    const known = this.known(orderNo)
    if (known?.state === 'succeeded' || known?.state === 'declined') return known
    this.record({ type: 'declined', orderNo, request: known?.request ?? null, code: 'order-closed' })
    return this.clearing(orderNo)
  }

  /** The bank's own mistake: books what it declined or closed, and told so. False: it has no such instruction, or it is booked. */
  bookAnyway(orderNo: string): boolean {
    const known = this.books.clearings.get(orderNo)
    if (!known?.request || known.state === 'succeeded') return false
    this.record(this.books.judge(known.request, 'none', this.now()))
    return this.clearing(orderNo).state === 'succeeded'
  }

  /** Refunds a booked clearing in part or in full, all or nothing. Idempotent on `refundNo`, as a clearing is on its number. */
  refund(orderNo: string, request: RefundRequest, twist?: Twist): BankRefund | Refusal {
    return this.giveBack(orderNo, request, refundFault, twist)
  }

  /** Takes back from the merchant of what its clearing's subsidy was, at most what of that hasn't come back; as a refund. */
  clawBack(orderNo: string, request: RefundRequest, twist?: Twist): BankRefund | Refusal {
    return this.giveBack(orderNo, request, clawBackFault, twist)
  }

  private giveBack(
    orderNo: string,
    request: RefundRequest,
    faultOf: typeof refundFault,
    twist: Twist | undefined,
  ): BankRefund | Refusal {
    const known = this.books.refunds.get(request.refundNo)
    if (known) {
      const same = known.orderNo === orderNo && JSON.stringify(known.request) === JSON.stringify(request)
      return same ? known : { state: 'refused', code: 'refund-no-reused' }
    }
    const clearing = this.books.clearings.get(orderNo)
    if (!clearing) return { state: 'refused', code: 'not-found' }
    const fault = faultOf(clearing, request)
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

  setBalance(balance: OpeningBalance): void {
    this.record({ type: 'balance-set', ...balance })
  }

  private factFor(request: ClearingRequest, twist: Twist | undefined): Fact {
    const { orderNo, agreementId } = request
    const way = twist?.mode === 'decline' ? null : this.wayOf(request, twist)
    if (way === null) return this.settled(request, 'none', twist)
    const objection = this.books.objection(request)
    if (objection) return { type: 'declined', orderNo, request, code: objection }
    const { holder } = this.books.agreements.get(agreementId)!
    if (this.questions.isSuspect(holder)) return { type: 'declined', orderNo, request, code: 'risk-refused' }
    return { type: 'asked', request, challenge: this.questions.about({ orderNo }, way, holder) }
  }

  /** How the payer is asked; null when they need not be. */
  private wayOf(request: ClearingRequest, twist: Twist | undefined): Way | null {
    if (twist?.mode === 'redirect') return 'redirect'
    if (twist?.mode === 'challenge') return 'sms'
    return this.ways.easy || this.books.isSmall(request, this.now()) ? null : 'sms'
  }

  private settled(request: ClearingRequest, verification: Verification, twist: Twist | undefined): Fact {
    if (twist?.mode === 'decline') return { type: 'declined', orderNo: request.orderNo, request, code: twist.code }
    if (twist?.mode === 'pending') return { type: 'accepted', request, queriesLeft: twist.pendingQueries, verification }
    return this.books.judge(request, verification, this.now())
  }

  private refundFactFor(clearing: Clearing, request: RefundRequest, twist: Twist | undefined): RefundFact {
    const { orderNo } = clearing
    switch (twist?.mode) {
      case 'decline':
        return { type: 'refund-declined', orderNo, request, code: twist.code }
      case 'pending':
        return { type: 'refund-accepted', orderNo, request, queriesLeft: twist.pendingQueries }
      default:
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

  /** As it stands now: what nobody answered in time is declined for good. */
  private known(orderNo: string): Clearing | undefined {
    const known = this.books.clearings.get(orderNo)
    const code = known?.state === 'challenge' && this.questions.over(known.challengeId)
    if (code) this.record({ type: 'declined', orderNo, request: known.request, code })
    return this.books.clearings.get(orderNo)
  }
}

/** What the payer is told before they answer: whom they pay, and what is debited, fen. */
export function shownOf({ legs }: Pick<ClearingRequest, 'legs'>): { payee: string; amountFen: number; payer: string } {
  const leg = (role: Role) => legs.find((one) => one.role === role)!
  return { payee: leg('merchant').account, amountFen: -leg('payer').amountFen, payer: leg('payer').account }
}

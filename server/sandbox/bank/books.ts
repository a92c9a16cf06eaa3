import { businessDate } from '../../domain/business-date'
import type { Verification } from '../../domain/channel'
import type { Account, Agreement, BankRefund, Challenge, Clearing, Fact, RefundFact, Signing } from './facts'
import { judgeRefund } from './refunds'
import type { ClearingRequest, RefundRequest, Role } from './schema'

/**
 * The bank's books, in memory and pure: judging reads them, and only {@link Books.apply} changes them, by one fact at a
 * time. The journal is the list of facts, so replaying it gives the same books.
 */

export type LegFault = 'unbalanced' | 'legs-invalid' | 'wrong-role'

const SERIAL_DIGITS = 10
const ofOld = ({ agreementId }: Agreement) => ({
  holder: { id: agreementId, maskedPhone: '138****8000' },
  small: null,
  ended: false,
})
const dayOf = (agreementId: string, at: number) => `${agreementId}|${businessDate(at)}`

export class Books {
  readonly accounts = new Map<string, Account>()
  readonly clearings = new Map<string, Clearing>()
  /** by refundNo */
  readonly refunds = new Map<string, BankRefund>()
  /** of the last booking */
  private serial = 0
  private readonly refundNos = new Map<string, Set<string>>()
  /** by agreementId */
  readonly agreements = new Map<string, Agreement>()
  /** by signNo */
  readonly signings = new Map<string, Signing>()
  /** by challengeId, the oldest first */
  readonly challenges = new Map<string, Challenge>()
  /** what was booked without a challenge, by agreement and day */
  private readonly waived = new Map<string, number>()

  apply(fact: Fact): void {
    switch (fact.type) {
      case 'agreed':
        // One of an older journal knew nothing of holders and small amounts.
        this.agreements.set(fact.agreement.agreementId, { ...ofOld(fact.agreement), ...fact.agreement })
        this.open(fact.agreement.account, 'payer').balanceFen += fact.openingFen
        return
      case 'agreement':
        this.agreements.set(fact.agreement.agreementId, fact.agreement)
        return
      case 'signing':
        this.signings.set(fact.signing.signNo, fact.signing)
        return
      case 'challenge':
        this.challenges.set(fact.challenge.challengeId, fact.challenge)
        return
      case 'asked': {
        const { request, challenge } = fact
        for (const leg of request.legs) this.open(leg.account, leg.role)
        this.challenges.set(challenge.challengeId, challenge)
        this.keep({ orderNo: request.orderNo, request, state: 'challenge', challengeId: challenge.challengeId })
        return
      }
      case 'balance-set':
        this.open(fact.account, fact.kind).balanceFen = fact.balanceFen
        return
      case 'accepted': {
        const { request, queriesLeft, verification } = fact
        // Its accounts keep their roles from now on, so that it is still sound when it settles.
        for (const leg of request.legs) this.open(leg.account, leg.role)
        this.keep({ orderNo: request.orderNo, request, state: 'pending', queriesLeft, verification })
        return
      }
      case 'booked': {
        const { request, channelTradeNo, bookedAt, verification } = fact
        for (const leg of request.legs) this.open(leg.account, leg.role).balanceFen += leg.amountFen
        this.keep({ orderNo: request.orderNo, request, state: 'succeeded', channelTradeNo, bookedAt, verification })
        if (verification === 'none') this.waive(request.agreementId, bookedAt)
        this.booked(channelTradeNo)
        return
      }
      case 'declined': {
        const { orderNo, request, code } = fact
        this.keep({ orderNo, request, state: 'declined', code })
        return
      }
      case 'refund-accepted': {
        const { type: _, request, ...rest } = fact
        this.keepRefund({ ...rest, request, state: 'pending' })
        return
      }
      case 'refund-booked': {
        const { type: _, request, ...rest } = fact
        for (const leg of request.legs) this.open(leg.account, leg.role).balanceFen += leg.amountFen
        this.keepRefund({ ...rest, request, state: 'succeeded' })
        this.booked(fact.channelRefundNo)
        return
      }
      case 'refund-declined': {
        const { type: _, request, ...rest } = fact
        this.keepRefund({ ...rest, request, state: 'declined' })
        return
      }
      default:
        throw new Error(`unknown fact: ${JSON.stringify(fact)}`)
    }
  }

  /** Null when the legs are one composite clearing: a payer debit, a merchant credit, at most one GL debit, in balance. */
  legFault({ legs }: ClearingRequest): LegFault | null {
    if (legs.reduce((sum, leg) => sum + leg.amountFen, 0) !== 0) return 'unbalanced'
    if (new Set(legs.map((leg) => leg.account)).size !== legs.length) return 'legs-invalid'
    const of = (role: Role) => legs.filter((leg) => leg.role === role)
    if (of('payer').length !== 1 || of('merchant').length !== 1 || of('gl').length > 1) return 'legs-invalid'
    if (legs.some((leg) => (leg.role === 'merchant' ? leg.amountFen <= 0 : leg.amountFen >= 0))) return 'legs-invalid'
    const fits = legs.every((leg) => (this.accounts.get(leg.account)?.kind ?? leg.role) === leg.role)
    return fits ? null : 'wrong-role'
  }

  /** Why a sound instruction can't be booked now, whoever answers for it; null when it can. */
  objection({ agreementId, legs }: ClearingRequest): string | null {
    const debit = legs.find((leg) => leg.role === 'payer')!
    const agreement = this.agreements.get(agreementId)
    if (agreement?.account !== debit.account || agreement.ended) return 'agreement-not-active'
    return this.accounts.get(debit.account)!.balanceFen + debit.amountFen < 0 ? 'insufficient-funds' : null
  }

  /** The fact that a sound instruction becomes now: booked as a whole, or declined. */
  judge(request: ClearingRequest, verification: Verification | undefined, now: number): Fact {
    const code = this.objection(request)
    if (code) return { type: 'declined', orderNo: request.orderNo, request, code }
    const channelTradeNo = this.nextNo('B', request.businessDate)
    return { type: 'booked', request, channelTradeNo, bookedAt: now, ...(verification && { verification }) }
  }

  /** Whether the payer allowed this one without being asked: small enough, and not too many of them today. */
  isSmall({ agreementId, legs }: ClearingRequest, now: number): boolean {
    const small = this.agreements.get(agreementId)?.small
    const debitFen = -legs.find((leg) => leg.role === 'payer')!.amountFen
    return !!small && debitFen <= small.maxFen && (this.waived.get(dayOf(agreementId, now)) ?? 0) < small.perDay
  }

  private waive(agreementId: string, at: number): void {
    const day = dayOf(agreementId, at)
    this.waived.set(day, (this.waived.get(day) ?? 0) + 1)
  }

  /** As {@link judge}, for a sound refund of a booked clearing. A pending one counts as given back. */
  judgeRefund(clearing: Clearing, request: RefundRequest, now: number): RefundFact {
    const numbers = [...(this.refundNos.get(clearing.orderNo) ?? [])].filter((no) => no !== request.refundNo)
    const others = numbers.map((no) => this.refunds.get(no)!).filter((one) => one.state !== 'declined')
    const channelRefundNo = this.nextNo('R', request.businessDate)
    return judgeRefund(clearing, request, { accounts: this.accounts, others, channelRefundNo, now })
  }

  /** A pending booking gets its number when it settles, so numbers follow the bookings and not the requests. */
  private nextNo(letter: 'B' | 'R', date: string): string {
    return `${letter}${date.replaceAll('-', '')}${String(this.serial + 1).padStart(SERIAL_DIGITS, '0')}`
  }

  private booked(no: string): void {
    this.serial = Math.max(this.serial, Number(no.slice(-SERIAL_DIGITS)))
  }

  private open(account: string, kind: Role): Account {
    const known = this.accounts.get(account)
    if (known) return known
    const opened = { account, kind, balanceFen: 0 }
    this.accounts.set(account, opened)
    return opened
  }

  private keepRefund(refund: BankRefund): void {
    const { refundNo } = refund.request
    this.refunds.set(refundNo, refund)
    this.refundNos.set(refund.orderNo, (this.refundNos.get(refund.orderNo) ?? new Set()).add(refundNo))
  }

  private keep(clearing: Clearing): void {
    this.clearings.set(clearing.orderNo, clearing)
  }
}

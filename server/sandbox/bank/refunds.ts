import type { Account, BankRefund, Clearing, RefundFact } from './facts'
import type { ClearingRequest, RefundRequest } from './schema'

/** The refunds of clearings, as rules over the books. A refund's legs are its clearing's, the other way round. */

export type RefundFault = 'unbalanced' | 'legs-invalid' | 'order-not-booked'

/** Null when the instruction undoes a part of the booked clearing: its accounts in their roles, each leg reversed, in balance. */
export function refundFault(clearing: Clearing, { legs }: RefundRequest): RefundFault | null {
  if (clearing.state !== 'succeeded' || !clearing.request) return 'order-not-booked'
  if (legs.reduce((sum, leg) => sum + leg.amountFen, 0) !== 0) return 'unbalanced'
  if (new Set(legs.map((leg) => leg.account)).size !== legs.length) return 'legs-invalid'
  if (['payer', 'merchant'].some((role) => !legs.some((leg) => leg.role === role))) return 'legs-invalid'
  return reverses(clearing.request, legs) ? null : 'legs-invalid'
}

/**
 * Null when the instruction takes back of a booked clearing's subsidy from its merchant and nothing else: the merchant's account
 * debited, the GL account credited with the same, nobody else in it.
 */
export function clawBackFault(clearing: Clearing, { legs }: RefundRequest): RefundFault | null {
  if (clearing.state !== 'succeeded' || !clearing.request) return 'order-not-booked'
  if (legs.reduce((sum, leg) => sum + leg.amountFen, 0) !== 0) return 'unbalanced'
  if (legs.length !== 2 || legs.some((leg) => leg.role === 'payer')) return 'legs-invalid'
  return reverses(clearing.request, legs) ? null : 'legs-invalid'
}

function reverses({ legs: originals }: ClearingRequest, legs: RefundRequest['legs']): boolean {
  return legs.every((leg) => {
    const original = originals.find((one) => one.account === leg.account && one.role === leg.role)
    return original && Math.sign(leg.amountFen) === -Math.sign(original.amountFen)
  })
}

/** The fact that a sound instruction becomes now. `others`: the order's refunds that are booked or pending, this one left out. */
export function judgeRefund(
  clearing: Clearing,
  request: RefundRequest,
  books: {
    accounts: ReadonlyMap<string, Account>
    others: readonly BankRefund[]
    channelRefundNo: string
    now: number
  },
): RefundFact {
  const { orderNo } = clearing
  const decline = (code: string): RefundFact => ({ type: 'refund-declined', orderNo, request, code })
  const above = request.legs.some((leg) => {
    const original = clearing.request?.legs.find((one) => one.account === leg.account)?.amountFen ?? 0
    const backFen = books.others.reduce((sum, other) => sum + legOf(other.request, leg.account), leg.amountFen)
    return Math.abs(backFen) > Math.abs(original)
  })
  if (above) return decline('refund-above-paid')
  const debit = request.legs.find((leg) => leg.role === 'merchant')!
  if (books.accounts.get(debit.account)!.balanceFen + debit.amountFen < 0) return decline('insufficient-merchant-funds')
  return { type: 'refund-booked', orderNo, request, channelRefundNo: books.channelRefundNo, bookedAt: books.now }
}

function legOf({ legs }: RefundRequest, account: string): number {
  return legs.find((leg) => leg.account === account)?.amountFen ?? 0
}

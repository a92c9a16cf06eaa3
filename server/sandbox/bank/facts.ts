import type { ClearingRequest, OpeningBalance, RefundRequest, Role } from './schema'

/** What the bank knows, and the facts by which it came to know it: the lines of its journal. */

export interface Account {
  account: string
  /** an account keeps the role it was opened in: a GL account is debited as `gl` only */
  kind: Role
  /** signed; a payer's never falls below zero, a GL account may */
  balanceFen: number
}

export interface Agreement {
  agreementId: string
  payerId: string
  account: string
}

export type Clearing = { orderNo: string; request: ClearingRequest | null } & (
  | { state: 'succeeded'; channelTradeNo: string; bookedAt: number }
  | { state: 'declined'; code: string }
  /** accepted and not booked; `queriesLeft` more queries are answered `pending` */
  | { state: 'pending'; queriesLeft: number }
)

export type Fact =
  | { type: 'agreed'; agreement: Agreement; openingFen: number }
  | ({ type: 'balance-set' } & OpeningBalance)
  | { type: 'accepted'; request: ClearingRequest; queriesLeft: number }
  | { type: 'booked'; request: ClearingRequest; channelTradeNo: string; bookedAt: number }
  /** `request` is null when the number was closed before the bank had seen it */
  | { type: 'declined'; orderNo: string; request: ClearingRequest | null; code: string }
  | RefundFact

export type BankRefund = { orderNo: string; request: RefundRequest } & (
  | { state: 'succeeded'; channelRefundNo: string; bookedAt: number }
  | { state: 'declined'; code: string }
  | { state: 'pending'; queriesLeft: number }
)

export type RefundFact =
  | { type: 'refund-accepted'; orderNo: string; request: RefundRequest; queriesLeft: number }
  | { type: 'refund-booked'; orderNo: string; request: RefundRequest; channelRefundNo: string; bookedAt: number }
  | { type: 'refund-declined'; orderNo: string; request: RefundRequest; code: string }

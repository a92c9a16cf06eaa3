import type { Verification } from '../../domain/channel'
import type { ClearingRequest, OpeningBalance, RefundRequest, Role } from './schema'

/** What the bank knows, and the facts by which it came to know it: the lines of its journal. No code, name or telephone is in it. */

export interface Account {
  account: string
  /** an account keeps the role it was opened in: a GL account is debited as `gl` only */
  kind: Role
  /** signed; a payer's never falls below zero, a GL account may */
  balanceFen: number
}

/** Payments of at most so much each, so often a day, without a challenge (免密). */
export interface Small {
  maxFen: number
  perDay: number
}

/** Whose account it is. */
export interface Holder {
  /** a fingerprint of name and telephone */
  id: string
  /** `138****5678` */
  maskedPhone: string
}

export interface Agreement {
  agreementId: string
  payerId: string
  account: string
  holder: Holder
  small: Small | null
  ended: boolean
}

/** What the bank asks the payer before it does something. Told by what it is about whether it still stands. */
export interface Challenge {
  challengeId: string
  about: { orderNo: string } | { signNo: string }
  way: Way
  holder: Holder
  /** when its texts were sent, ms, the first one first */
  sentAt: number[]
  expiresAt: number
  attemptsLeft: number
  /** fingerprints of the proofs that were wrong for the last text */
  wrong: string[]
}

/** By a code in a text, typed at the platform's page or at the bank's own. */
export type Way = 'sms' | 'redirect'

/** A request to sign an account or to allow small amounts. */
export interface Signing {
  signNo: string
  /** a fingerprint of all that was asked for */
  print: string
  want:
    | { kind: 'account'; payerId: string; account: string; holder: Holder }
    | { kind: 'small'; agreementId: string; small: Small }
  returnTo: string | null
  challengeId: string
  state: { kind: 'open' } | { kind: 'signed'; agreementId: string } | { kind: 'refused'; code: SignRefusal }
}

export type SignRefusal = 'account-refused' | 'authentication-failed' | 'authentication-expired' | 'agreement-not-found'

export type Clearing = { orderNo: string; request: ClearingRequest | null } & (
  | { state: 'succeeded'; channelTradeNo: string; bookedAt: number; verification: Verification | undefined }
  | { state: 'declined'; code: string }
  /** accepted and not booked; `queriesLeft` more queries are answered `pending` */
  | { state: 'pending'; queriesLeft: number; verification: Verification | undefined }
  /** the payer has to answer first */
  | { state: 'challenge'; challengeId: string }
)

export type Fact =
  | { type: 'agreed'; agreement: Agreement; openingFen: number }
  /** an agreement as it is from now on */
  | { type: 'agreement'; agreement: Agreement }
  | { type: 'signing'; signing: Signing }
  | { type: 'challenge'; challenge: Challenge }
  | ({ type: 'balance-set' } & OpeningBalance)
  | { type: 'asked'; request: ClearingRequest; challenge: Challenge }
  | { type: 'accepted'; request: ClearingRequest; queriesLeft: number; verification?: Verification }
  | {
      type: 'booked'
      request: ClearingRequest
      channelTradeNo: string
      bookedAt: number
      verification?: Verification
    }
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

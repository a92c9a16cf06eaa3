import type { ChangeRequest, RequestKind, RequestState, Verdict } from '../../domain/change'
import type { ChannelName, WalletAccounts } from '../../domain/channel'
import type { Deed } from './deed'

/** What is asked for. What is true now is looked up as it is written down. */
export interface NewRequest {
  changeId: string
  kind: RequestKind
  subject: string
  branchCode: string | null
  after: unknown
  note: string | null
  askedBy: string
  askedAt: number
  authors?: readonly string[]
  /** one half of a secret, enclosed */
  secret?: string | null
}

/** Why it can't be asked for, or no longer be done: `field` is that of the input. */
export interface RequestFault {
  code: RequestFaultCode
  field?: string
}

export type RequestFaultCode =
  /** another of its kind waits for the same subject */
  | 'change-open'
  /** it is so already */
  | 'nothing-changes'
  /** the subject isn't what it was */
  | 'subject-changed'
  | 'subject-missing'
  /** who asked for it, or approved it, was disabled before it took effect */
  | 'person-disabled'
  | 'branch-exists'
  | 'branch-alike'
  | 'branch-not-found'
  | 'account-taken'
  | 'merchant-alike'
  | 'operator-exists'
  | 'last-admin'
  /** the suspicion is decided already */
  | 'suspicion-decided'
  /** of one of the orders there is nothing left, or not what was asked for */
  | 'nothing-to-claw-back'
  /** what is to be refunded isn't there any more */
  | 'order-not-paid'
  | 'refund-above-paid'
  | 'too-many-refunds'
  /** an order, a refund or a difference has ended meanwhile */
  | 'already-ended'
  /** the statements of its day and of the day after aren't both reconciled */
  | 'statement-awaited'
  /** a statement holds it: its difference is decided */
  | 'statement-holds-it'

export type Asked = { kind: 'asked'; request: ChangeRequest } | { kind: 'refused'; fault: RequestFault }

export type Stepped =
  /** as it is now: `overtaken` where it could not be approved or applied */
  | { kind: 'stepped'; request: ChangeRequest }
  /** somebody's step came first */
  | { kind: 'revision-changed' }

/** What a table says of a merchant. */
export interface Settlement {
  name: string
  branchCode: string
  account: string
  walletAccounts: WalletAccounts
}

/** A line of a request that is about many merchants; `before` null: a new merchant. */
export interface RequestLine {
  line: number
  merchantCode: string
  before: Settlement | null
  after: Settlement
}

/** Change requests, and their effects. Each step and its deed are one transaction. */
export interface Changes {
  /** Writes it down with what is true now, if it can be done now. */
  ask(request: NewRequest, deed: Deed): Promise<Asked>
  find(changeId: string): Promise<ChangeRequest | undefined>
  /** The enclosed half of its secret. */
  secretOf(changeId: string): Promise<string | null>
  /** Newest first. `branchCode` of the scope: only that branch's; null is all. */
  list(filter: {
    branchCode: string | null
    kinds: readonly RequestKind[]
    states?: readonly RequestState[] | undefined
    before?: { askedAt: number; changeId: string } | undefined
    limit: number
  }): Promise<ChangeRequest[]>
  lines(changeId: string, after: number, limit: number): Promise<RequestLine[]>
  /**
   * One step of one that is at `revision`. What is approved with an `effectiveAt` that has come takes effect in the same
   * transaction, with `effect`: what its kind needs beside what was asked.
   */
  step(input: {
    changeId: string
    revision: number
    verdict: Verdict
    by: string
    at: number
    note: string | null
    effectiveAt: number | null
    effect?: unknown
  }): Promise<Stepped>
  /** Approved ones whose time has come, the earliest first. */
  due(now: number, limit: number): Promise<string[]>
  /** Lets one take effect whose time has come; undefined when there is no such one any more. */
  apply(changeId: string, now: number): Promise<ChangeRequest | undefined>
  /** Of an account into which a merchant is paid: the change that waits for its time, or the last that took effect since then. */
  accountChange(
    merchantCode: string,
    since: number,
  ): Promise<{ channel: ChannelName; from: string; to: string; state: RequestState; effectiveAt: number } | undefined>
}

import { mayChange, type Operator, type Permission, refuses } from './operator'

/**
 * A change request (变更申请): what moves where money goes, or who may act, is asked for by one operator and reviewed by another
 * before it takes effect (I12). Campaigns live by changes of their own (campaign-life.ts).
 */

interface KindRules {
  ask: Permission
  review: Permission
  read: Permission
  /** money goes elsewhere: it takes effect a while after it was approved, and until then either side can stop it */
  delayed: boolean
}

/** Every kind, and who may. One line here, one file with `check` and `apply` and one line in store/sql/change/kinds.ts. */
export const REQUEST_KINDS = {
  /** every discount of the house goes on */
  'brake.release': { ask: 'brakeAll', review: 'review', read: 'look', delayed: false },
  /** those at one merchant go on */
  'merchant.resume': { ask: 'brake', review: 'review', read: 'look', delayed: false },
  /** settlement accounts and branches of merchants, new merchants too */
  'merchant.account': { ask: 'merchants', review: 'review', read: 'look', delayed: true },
  /** what is decided about a merchant whose cards look farmed: nothing, no further discounts, its rewards go back */
  'farming.dismiss': { ask: 'request', review: 'review', read: 'suspicions', delayed: false },
  'farming.hold': { ask: 'request', review: 'review', read: 'suspicions', delayed: false },
  'farming.claw-back': { ask: 'request', review: 'review', read: 'suspicions', delayed: true },
  /** a user who may act for a merchant */
  'merchant.owner': { ask: 'merchants', review: 'review', read: 'look', delayed: false },
  /** one owner each of many merchants, by cards that are good for days */
  'merchant.owners': { ask: 'merchants', review: 'review', read: 'look', delayed: false },
  /** it has left the house: nobody can pay there any more; or it is back */
  'merchant.disable': { ask: 'merchants', review: 'review', read: 'look', delayed: false },
  'merchant.enable': { ask: 'merchants', review: 'review', read: 'look', delayed: false },
  'branch.add': { ask: 'merchants', review: 'review', read: 'look', delayed: false },
  /** its GL account: from where its merchants' subsidy comes */
  'branch.change': { ask: 'merchants', review: 'review', read: 'look', delayed: true },
  /** an operator gives a payer back what the order's merchant received, after a complaint */
  'order.refund': { ask: 'request', review: 'review', read: 'look', delayed: false },
  /** an order or a refund that no statement holds and the channel says nothing of is ended as never booked */
  'order.end': { ask: 'reconcile', review: 'resolve', read: 'books', delayed: false },
  'refund.end': { ask: 'reconcile', review: 'resolve', read: 'books', delayed: false },
  /** what a payer is owed by a difference goes back: once more by a refund, or from a GL account */
  'difference.refund': { ask: 'reconcile', review: 'resolve', read: 'books', delayed: false },
  'difference.pay': { ask: 'reconcile', review: 'resolve', read: 'books', delayed: false },
  'operator.add': { ask: 'operators', review: 'operators', read: 'log', delayed: false },
  /** roles, branch, letting in again; shutting out is done at once */
  'operator.change': { ask: 'operators', review: 'operators', read: 'log', delayed: false },
  'operator.password': { ask: 'operators', review: 'operators', read: 'log', delayed: false },
  'operator.second-factor-reset': { ask: 'operators', review: 'operators', read: 'log', delayed: false },
} as const satisfies Record<string, KindRules>
export type RequestKind = keyof typeof REQUEST_KINDS
export const kindRules = (kind: RequestKind): KindRules => REQUEST_KINDS[kind]

export const REQUEST_STATES = ['open', 'approved', 'applied', 'rejected', 'withdrawn', 'overtaken'] as const
/**
 * `approved` waits for its time. `overtaken`: what it was asked of isn't so any more, or it can't be done now; it has no effect,
 * and whoever wants it asks again.
 */
export type RequestState = (typeof REQUEST_STATES)[number]

export interface ChangeRequest {
  changeId: string
  kind: RequestKind
  /** `noun/id`, e.g. `merchant/M0001` */
  subject: string
  /** the branch that it is about, whose people may see and review it; null is the whole bank */
  branchCode: string | null
  /** what was true of the subject when it was asked for, as JSON; null: nothing was there */
  before: unknown
  after: unknown
  /** how many lines it has, where it is about many; they are read page by page */
  lineCount: number
  /** it takes effect a while after approval */
  delayed: boolean
  note: string | null
  askedBy: string
  askedAt: number
  /** who else had a hand in what is asked; none of them reviews it */
  authors: readonly string[]
  state: RequestState
  reviewedBy: string | null
  reviewedAt: number | null
  reviewNote: string | null
  /** from its approval on: when it takes effect, or took */
  effectiveAt: number | null
  /** why it was overtaken */
  reason: string | null
  /** grows with every step of it: the ETag */
  revision: number
}

export type RequestRefusal =
  | 'role-refused'
  | 'branch-refused'
  /** 经办 and 复核 are different people */
  | 'own-change'
  /** nobody asks for, or reviews, what they may do themselves */
  | 'self-change'
  /** it is no longer waiting */
  | 'change-decided'
  /** only who asked takes it back */
  | 'not-yours'

/** Why the operator may not ask for it, or null. `subject` is an operator's where who may act is changed. */
export function refusesAsking(
  operator: Operator,
  { kind, subject, branchCode }: Pick<ChangeRequest, 'kind' | 'subject' | 'branchCode'>,
): RequestRefusal | null {
  const refused = refuses(operator, kindRules(kind).ask)
  if (refused) return refused
  if (!mayChange(operator, branchCode)) return 'branch-refused'
  return isSelf(operator, subject) ? 'self-change' : null
}

export type Verdict = 'approve' | 'reject' | 'withdraw'

type Judged = Pick<ChangeRequest, 'kind' | 'subject' | 'branchCode' | 'askedBy' | 'authors' | 'state'>

/**
 * Why the operator may not, or null. Approving takes an open one; rejecting and taking back stop one that was approved as well,
 * as long as it hasn't taken effect.
 */
export function refusesVerdict(operator: Operator, request: Judged, verdict: Verdict): RequestRefusal | null {
  const { kind, branchCode, askedBy, authors, state, subject } = request
  const refused = refuses(operator, kindRules(kind)[verdict === 'withdraw' ? 'ask' : 'review'])
  if (refused) return refused
  if (!mayChange(operator, branchCode)) return 'branch-refused'
  if (verdict === 'withdraw') {
    if (operator.username !== askedBy) return 'not-yours'
  } else {
    if (operator.username === askedBy || authors.includes(operator.username)) return 'own-change'
    if (isSelf(operator, subject)) return 'self-change'
  }
  const waits = verdict === 'approve' ? state === 'open' : state === 'open' || state === 'approved'
  return waits ? null : 'change-decided'
}

/** True when the operator may read it: their own branch's, and of its kind. */
export function seesRequest(operator: Operator, { kind, branchCode }: Pick<ChangeRequest, 'kind' | 'branchCode'>) {
  return refuses(operator, kindRules(kind).read) === null && mayChange(operator, branchCode)
}

/** The kinds that the operator may read. */
export const kindsSeen = (operator: Operator): RequestKind[] =>
  (Object.keys(REQUEST_KINDS) as RequestKind[]).filter((kind) => !refuses(operator, kindRules(kind).read))

/** What is said of a request in the log, which is kept for ever: nobody's name, and no id of theirs elsewhere. */
export function sayable(kind: RequestKind, value: unknown): unknown {
  if (!kind.startsWith('operator.') || typeof value !== 'object' || value === null) return value
  const { name: _, oidcSubject: __, ...rest } = value as Record<string, unknown>
  return rest
}

const isSelf = ({ username }: Operator, subject: string) => subject === `operator/${username}`

import { ChannelUnavailable, LedgerUnavailable, LoginUnavailable, SlotsUnavailable, WorkRefused } from '../flow/ports'
import { seenNow } from '../sight/context'
import type { Problem } from './contract'
import { problems } from './metrics'

/** Every refusal this server can give: one total map from its stable code to HTTP status and title. */
const PROBLEMS = {
  'invalid-input': [400, 'The input is invalid'],
  'malformed-json': [400, 'The body is not valid JSON'],
  'body-too-large': [413, 'The body is too large'],
  'headers-too-large': [431, 'Address and headers are too large'],
  'malformed-request': [400, 'That is no HTTP request'],
  'request-too-slow': [408, 'The request took too long to arrive'],
  'unsupported-media-type': [415, 'Send application/json'],
  'token-missing': [401, 'An access token is required'],
  'token-invalid': [401, 'The access token is not valid'],
  'token-expired': [401, 'The access token has expired'],
  'session-stale': [401, 'For this a session must be new: log in once more'],
  'login-code-refused': [401, 'The login code was refused: it is used, too old or another app’s'],
  'login-refused': [401, 'The log-in was refused: nobody of that name and password, or nobody’s who logs in here'],
  'login-blocked': [403, 'The platform does not let this person in'],
  'login-too-often': [429, 'Too many log-ins of one person; wait'],
  'login-unavailable': [503, 'The platform that knows the person gives no answer; try again with a new code'],
  'notice-refused': [403, 'The notice is not the channel’s'],
  'role-refused': [403, 'This is for another kind of user'],
  'branch-refused': [403, 'This concerns the whole bank, and the operator sees one branch'],
  'second-factor-required': [401, 'The code of the second factor is asked for'],
  'second-factor-due': [403, 'A second factor must be set up first'],
  'code-refused': [422, 'The code was not taken'],
  'password-change-due': [403, 'The password must be changed first'],
  'password-refused': [422, 'The password was refused'],
  'sign-on-unavailable': [503, 'The single sign-on cannot be reached'],
  'login-locked': [429, 'Too many wrong passwords; wait'],
  'operator-exists': [409, 'There is an operator of that name'],
  'operator-not-found': [404, 'There is no such operator'],
  'roles-apart': [422, 'An administrator neither makes nor checks'],
  'last-admin': [409, 'The last administrator can’t be taken away'],
  'precondition-missing': [428, 'Say in If-Match which revision you looked at'],
  'revision-changed': [412, 'Somebody changed it meanwhile'],
  'campaign-not-found': [404, 'There is no such campaign'],
  'campaign-faulty': [422, 'The terms can’t be dealt from, or promise what can’t be kept'],
  'not-a-draft': [409, 'Only a draft can be edited'],
  'too-many-sketches': [409, 'As much as may be kept unsaved is kept already'],
  'template-exists': [409, 'There is a template of that name'],
  'too-many-templates': [409, 'There are as many templates as there may be'],
  'no-such-template': [404, 'There is no such template'],
  'transition-refused': [409, 'The campaign is not in a state that allows it'],
  'change-open': [409, 'Another change waits for review'],
  'change-not-found': [404, 'There is no such change request'],
  'change-decided': [409, 'The change is decided already'],
  'self-change': [403, 'Nobody changes what they may do themselves'],
  'nothing-changes': [422, 'It is so already'],
  'secret-lost': [409, 'Its one-time secret can’t be made any more: ask again'],
  'no-brake': [409, 'No brake is pulled there'],
  'no-open-change': [409, 'Nothing waits for review'],
  'own-change': [403, 'Whoever asked for a change, or wrote its terms, can’t review it'],
  'start-passed': [409, 'The start date is past'],
  'not-favourable': [422, 'After approval only what favours consumers may change'],
  'priority-tie': [409, 'Another campaign of the same priority is on at one of the merchants'],
  'deck-not-found': [404, 'No such deck was dealt'],
  'branch-exists': [409, 'There is a branch of that code'],
  'account-refused': [422, 'No payment could be booked on that account'],
  'branch-not-found': [422, 'There is no such branch'],
  'merchant-unknown': [422, 'There is no such merchant'],
  'binding-refused': [422, 'The binding code is wrong, used or expired'],
  'already-bound': [409, 'This user is bound to a merchant already'],
  'binding-locked': [429, 'Too many wrong binding codes; wait an hour'],
  'binding-not-found': [404, 'There is no such binding'],
  'too-many-users': [422, 'The shop has as many users as a shop may have'],
  'template-not-found': [404, 'No message of that template is sent here'],
  'not-owner': [403, 'Only the merchant’s owner may do that'],
  'reconciliation-not-found': [404, 'That day is not reconciled'],
  'reconciliation-refused': [409, 'The day can’t be reconciled now'],
  'not-reissued': [409, 'No such statement was issued anew, or it is decided'],
  'difference-not-found': [404, 'There is no such difference'],
  'suspicion-decided': [409, 'The suspicion is decided already'],
  'already-ended': [409, 'It has ended meanwhile'],
  'statement-awaited': [409, 'The statements of its day and of the day after are not both reconciled yet'],
  'statement-holds-it': [409, 'A statement holds it: its difference is to be decided'],
  'nothing-to-claw-back': [409, 'Nothing is left to claw back of one of the orders, or not so much'],
  'suspicion-not-found': [404, 'There is no such suspicion, or no such day of it'],
  'scoring-refused': [409, 'The day can’t be scored now'],
  'already-resolved': [409, 'The difference is decided already'],
  'note-missing': [422, 'Say why'],
  'not-proposed': [409, 'It changes the books: somebody else must propose it first'],
  'already-proposed': [409, 'The correction is proposed already'],
  'not-acceptable': [409, 'Only the channel can put it right'],
  'ended-otherwise': [409, 'What was open then has ended otherwise since'],
  'own-proposal': [403, 'Whoever proposed a correction can’t accept it'],
  'not-found': [404, 'There is nothing at this address'],
  'method-not-allowed': [405, 'This address does not take that method'],
  'merchant-not-found': [404, 'There is no such merchant'],
  'order-not-found': [404, 'There is no such order'],
  'order-archived': [410, 'The orders of that day are archived'],
  'day-archived': [410, 'Orders of that day or period are archived'],
  'order-not-paid': [409, 'Only a paid order can be refunded'],
  'refund-above-paid': [422, 'More than is left of what the payer paid'],
  'refunded-meanwhile': [409, 'Another refund of the order came in between'],
  'export-too-large': [422, 'More rows than one file may have: narrow the filters'],
  'too-many-refunds': [422, 'The order has as many refunds as an order may have'],
  'rules-not-found': [404, 'The merchant is in no campaign'],
  'agreement-not-found': [422, 'The payer has no such bank agreement'],
  'merchant-not-open': [422, 'The merchant has no account with this wallet'],
  'identity-not-found': [422, 'The wallet does not know the payer: open the page in its app'],
  'agreement-unknown': [404, 'The payer has no such bank agreement'],
  'sign-not-found': [404, 'The payer has asked for no such agreement'],
  'too-many-signings': [429, 'Too many accounts were asked for and not confirmed; wait'],
  'terms-changed': [409, 'The terms have changed: show them anew'],
  'challenge-gone': [409, 'There is no such challenge now: answered, expired, or another took its place'],
  'too-soon': [429, 'A code was sent just now; wait'],
  'amount-above-limit': [422, 'The amount is above what a static code may take'],
  'channel-not-available': [422, 'The channel does not take orders here'],
  'idempotency-key-missing': [400, 'An Idempotency-Key header is required'],
  'key-reused': [422, 'The Idempotency-Key was used before with another body'],
  'quote-invalid': [422, 'The quote is not one of ours'],
  'quote-foreign': [403, 'The quote is another payer’s'],
  'quote-expired': [409, 'The quote has expired'],
  'quote-used': [409, 'The quote has become an order already'],
  'pay-code-invalid': [404, 'The code for one payment is none of ours, or for another merchant or amount'],
  'pay-code-expired': [410, 'The code for one payment is over'],
  'pay-code-used': [409, 'The code for one payment is used'],
  'slot-taken': [409, 'The discount of this quote is gone'],
  'card-limit-reached': [422, 'The person has used as many discounts as one may today'],
  'daily-limit-reached': [422, 'The payer’s daily limit for static codes is reached'],
  'too-many-requests': [429, 'Too many requests; wait as long as Retry-After says'],
  busy: [503, 'The server cannot answer right now'],
  overloaded: [503, 'More is asked than can be served right now'],
  'too-much-to-read': [503, 'It takes longer to read than may be waited for: ask for fewer days, or for one merchant'],
  'ledger-unavailable': [503, 'The ledger cannot be reached'],
  'channel-busy': [503, 'As many wait for the channel as may: nothing was sent'],
  'channel-unavailable': [503, 'The bank cannot be reached'],
  internal: [500, 'Something went wrong here'],
} as const satisfies Record<string, readonly [number, string]>

export type ProblemCode = keyof typeof PROBLEMS
for (const code of Object.keys(PROBLEMS)) problems.inc({ code }, 0)
export const problemStatus = (code: ProblemCode): number => PROBLEMS[code][0]

/** Thrown by routes; written by the one error writer in app.ts as an RFC 9457 problem document. */
export class HttpProblem extends Error {
  constructor(
    readonly code: ProblemCode,
    readonly more: {
      detail?: string | undefined
      field?: string | undefined
      /** which of the ways in which a deed of that code can be refused; stable too */
      reason?: string
      /** business dates that come first */
      days?: string[] | undefined
      /** whose orders are archived */
      date?: string
      /** orders of dates before it are archived */
      archivedBefore?: string
      /** in which they are; for operators */
      file?: string
      /** for the next step, where one is asked for */
      ticket?: string
      /** what the first request with the same key made */
      made?: string
      retryAfterS?: number
    } = {},
  ) {
    super(code)
  }

  get status(): number {
    return problemStatus(this.code)
  }

  /** As it is told; `requestId`: of the request that it answers. */
  body(requestId = seenNow()?.requestId): Problem {
    const { detail, field, reason, days, date, archivedBefore, file, ticket, made } = this.more
    const title = PROBLEMS[this.code][1]
    const { code, status } = this
    const type = `urn:fapai:problem:${code}`
    return {
      type,
      title,
      status,
      code,
      detail,
      field,
      reason,
      days,
      date,
      archivedBefore,
      file,
      ticket,
      made,
      requestId,
    }
  }
}

/** The refusal that an error is to whoever asked; `internal` is a bug. */
export function problemOf(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error
  // A failover of PostgreSQL or Redis takes seconds; a second is the least that is worth waiting.
  if (error instanceof LedgerUnavailable) return new HttpProblem('ledger-unavailable', { retryAfterS: 2 })
  if (error instanceof SlotsUnavailable) return new HttpProblem('busy', { retryAfterS: 1 })
  if (error instanceof LoginUnavailable && error.waitS !== null)
    return new HttpProblem('login-too-often', { retryAfterS: error.waitS })
  if (error instanceof LoginUnavailable) return new HttpProblem('login-unavailable', { retryAfterS: 2 })
  if (error instanceof ChannelUnavailable) return new HttpProblem('channel-unavailable', { retryAfterS: 2 })
  // Another's file is read in a second or two.
  if (error instanceof WorkRefused) return new HttpProblem('busy', { retryAfterS: 2, reason: 'work-waits' })
  if (isHttpError(error) && error.status < 500)
    return new HttpProblem(error.status === 404 ? 'not-found' : 'invalid-input', { detail: 'the address is malformed' })
  return new HttpProblem('internal')
}

/** Koa and its router throw http-errors, e.g. for a path that can't be decoded. */
function isHttpError(error: unknown): error is { status: number } {
  return typeof error === 'object' && error !== null && typeof (error as { status?: unknown }).status === 'number'
}

import type { ChannelName, PayerAction, Proof, Seen, Verification, WalletPaid } from '../../domain/channel'
import type { Order, Outcome } from '../../domain/order'
import type { Accounts } from '../../domain/posting'
import type { SignedAgreement, SignRefusal } from './agreements'
import type { Merchant } from './catalog'
import type { Provider, Subject } from './identity'
import type { RefundChannel, RefundReply } from './refund'
import type { StatementSource } from './statement'

/** A way to pay. What it can't do it doesn't have: refunds, notices and agreements are parts of their own. */
export interface Channel {
  readonly name: ChannelName
  /** the app in which it can be invoked */
  readonly needs: ChannelNeeds
  /** false: its clearing has no leg for a subsidy (a wallet), so its orders carry no discount */
  readonly carriesDiscount: boolean
  /** our mini-program jumps to its own as well: then the action of who came by ours is `redirect` with `appId` and `path` */
  readonly jumps?: boolean
  readonly limits: ChannelLimits
  /** With what the payer pays and which accounts are booked, or why this payer can't pay so. @throws ChannelUnavailable */
  means(payer: ChannelPayer, merchant: Merchant): Promise<Means>
  /** The request of {@link Channel.pay}: what is stored is what is sent. */
  payRequest(order: Order): unknown
  /**
   * Sends it once, never again under another number (I6). Never throws: whatever isn't definite and verified is `unknown`.
   * Where the payer has to act it answers `pending` with the action.
   */
  pay(order: Order): Promise<ChannelReply>
  /**
   * Hands on what the payer brought against the channel's challenge, where it takes one from us. Wrong, with tries left: `pending`
   * with the action as it is now; the last one: `declined`. The same proof again has the same answer.
   */
  confirm?(order: Order, proof: Proof): Promise<ChannelReply>
  /** Has the challenge's code sent once more. @throws ChannelUnavailable */
  resend?(order: Order, challengeId: string): Promise<Resent>
  query(order: Order): Promise<ChannelReply>
  /** Asks the channel to refuse the order from now on if it has not booked it; a verified reply is definite either way. */
  close(order: Order): Promise<ChannelReply>
  ping(): Promise<void>
  /** Asked right before an order is opened; admitted, the caller pays. Query, close and refund are never stopped. */
  admit?(): Admission
  /**
   * A place for a call that somebody's request waits for, to be left by what it answers; undefined: all are taken. What asks by itself takes
   * none.
   */
  place?(): (() => void) | undefined
  /** Whether it could pay a merchant whose account with it is called so; a channel without it takes any. */
  takesAccount?(account: string): boolean
  readonly refunds?: RefundChannel
  readonly statements?: StatementSource
  readonly notices?: Notices
  readonly agreements?: AgreementDesk
  readonly receipts?: ReceiptFrame
}

/** `browser`: its own app or a browser that is no other app's; other wallets let nobody through to it */
export type ChannelNeeds = 'anywhere' | 'browser' | 'wechat' | 'alipay' | 'unionpay'

export interface ChannelLimits {
  /** an order that nobody ended is first asked about so long after it was opened, ms: when no pay can still be on its way */
  firstQueryMs: number
  /** an order the channel has never seen is closed there when it is so old, ms */
  closeAfterMs: number
  /** what the payer is to act on is closed at the channel after so long, ms; null: the channel needs nobody to act */
  payWithinMs: number | null
  /** the most one payer may pay so in a business day, fen */
  dailyPerPayerFen: number
}

/** Who pays, as far as we know them. */
export interface ChannelPayer {
  payerId: string
  /** those in force that the payer has with this channel, oldest first */
  agreements: readonly { agreementId: string; account: string }[]
  /** which of them is to pay; undefined: the first */
  agreementId?: string | undefined
  /** by which app's log-in they are here, e.g. `weapp`; undefined: nobody knows */
  platform?: string | undefined
  /** As a platform knows them, the app in which they are first, then the one they came by last; none for one who never came by it. Asked only by who has to name them. */
  identity(provider: Provider): Promise<Subject[]>
}

export type MeansRefusal =
  | 'agreement-not-found'
  /** the channel has to name the payer to a platform by which they never logged in */
  | 'identity-not-found'
  /** the merchant has no account with the wallet */
  | 'merchant-not-open'
export type Means =
  | {
      kind: 'means'
      /** an agreement at the bank, a wallet's id of the payer */
      payerRef: string
      accounts: Accounts
    }
  | { kind: 'none'; code: MeansRefusal }

export type Admission =
  | { kind: 'admitted' }
  /** a pay would most likely come to nothing; how long until one may try again, ms */
  | { kind: 'paused'; retryAfterMs: number }

export class ChannelUnavailable extends Error {
  override name = 'ChannelUnavailable'
}

/** What the channel answered, for the record: the raw reply beside the normalised one. */
export interface ChannelReply {
  /** `statement`: a line of its statement, as definite as a reply */
  verb: 'pay' | 'confirm' | 'resend' | 'query' | 'close' | 'notify' | 'statement'
  /**
   * A verified decline of the trade is `declined` whatever its code: each adapter knows which of its channel's words is one, and
   * gives one for which we have no code as `unfamiliarDecline`. A refusal of the request, or a state that is no decline, is
   * `unknown` by `unmapped-refusal` or `unmapped-state`: it ends nothing.
   */
  outcome: Outcome
  /** the order as the channel has it; a success that doesn't say ends nothing */
  seen?: Seen | undefined
  /** of a success, where a wallet's own discount made the payer pay less; recorded beside our figures */
  paid?: WalletPaid | undefined
  /** what the payer must do now; kept with the order */
  action?: PayerAction | undefined
  /** of a success, where the channel says it */
  verification?: Verification | undefined
  raw: unknown
}

/**
 * The code of an `unknown` pay whose request certainly never left: no connection was made, so no byte of it was written.
 * Nobody sends a pay again (I6), so the channel can't ever have it.
 */
export const NOT_SENT = 'not-sent'

/** The code of an `unknown` query: the channel has never seen the number. Not yet, that is: a pay may be on its way. */
export const NOT_FOUND = 'not-found'

/** What a channel tells of its own accord (异步通知). */
export interface Notices {
  /** Verifies the raw bytes. Refused: nothing of it may be believed. */
  read(request: RawRequest): Notice
  /** How the channel wants to hear what became of it; anything but `handled` and it sends it again. */
  acknowledge(result: NoticeResult): HttpAnswer
}

/** A page of the wallet's own after a payment, which frames a receipt of ours (商家小票). */
export interface ReceiptFrame {
  /** whose pages alone may frame it, and whom alone it tells anything */
  readonly origin: string
  /** Whose receipt the address names, by our number and the account paid; undefined unless the wallet made the address. */
  read(query: URLSearchParams): { orderNo: string; payee: string } | undefined
}

export type Notice =
  | { kind: 'verified'; about: 'order'; number: string; reply: ChannelReply }
  | { kind: 'verified'; about: 'refund'; number: string; reply: RefundReply }
  | { kind: 'refused'; code: string }

export type NoticeResult =
  /** in the ledger, or known before */
  | { kind: 'handled' }
  /** nothing of it was believed */
  | { kind: 'refused'; code: string }
  /** verified, and none of ours */
  | { kind: 'not-found' }

/** An HTTP request as it came, for a channel to verify. Header names in lower case; the path with its query. */
export interface RawRequest {
  method: string
  path: string
  headers: Readonly<Record<string, string | string[] | undefined>>
  body: Uint8Array
}

export interface HttpAnswer {
  status: number
  type: string
  body: string
}

/**
 * Where payers sign with the channel (签约) and end it (解约). Each step may ask the payer to act: `confirm` brings what they answer.
 * All throw ChannelUnavailable when there is no answer to believe; the same call may then be made again.
 */
export interface AgreementDesk extends Signing {
  /**
   * An easy sandbox's alone, and there only: gives whoever comes an agreement, with small amounts allowed, without their doing
   * anything. The same one each time, until it is ended.
   */
  easy?(payerId: string): Promise<SignedAgreement>
}

/** The steps in which a payer takes part. */
export interface Signing {
  /** Asks to bind an account; the same `signNo` again has the same answer. */
  sign(request: SignRequest): Promise<SignReply>
  /** Asks for payments of small amounts without a challenge (免密); a challenge of its own comes first. */
  allowSmall(request: SmallRequest): Promise<SignReply>
  confirm(signNo: string, proof: Proof): Promise<SignReply>
  resend(signNo: string, challengeId: string): Promise<Resent>
  /** How a request stands: for the way back from the bank's own page. */
  state(signNo: string): Promise<SignReply>
  /** From now on nothing is debited by it; ended before is as good. */
  end(agreementId: string): Promise<void>
  endSmall(agreementId: string): Promise<void>
}

export interface SignRequest {
  /** ours, new for each request: `S` and 16 letters and digits */
  signNo: string
  payerId: string
  /** as the payer typed them: for the bank alone, never kept or logged */
  account: string
  name: string
  phone: string
  /** where the bank's own page sends the payer back to; null: no such way */
  returnTo: string | null
}

export interface SmallRequest {
  signNo: string
  agreementId: string
  /** at most so much each, fen, and so often a business day */
  maxFen: number
  perDay: number
}

export type SignReply =
  | { kind: 'action'; action: PayerAction }
  | { kind: 'signed'; agreement: SignedAgreement }
  /** `account-refused`: not an account of this name and phone, without saying which of them; the others end the request */
  | { kind: 'refused'; code: SignRefusal }

export type Resent =
  | { kind: 'sent'; action: PayerAction }
  /** not before a minute has passed, not too often in an hour */
  | { kind: 'too-soon'; retryAfterMs: number }
  /** there is no such challenge now */
  | { kind: 'gone' }

import type { PayerAction } from '../../domain/channel'
import type { SmallAmount } from '../../domain/small-amount'

/** An agreement (签约协议): a payer's account, bound for payments. */
export interface Agreement {
  agreementId: string
  payerId: string
  /** the payer's account as the bank names it in clearings */
  account: string
  /** last four digits, for the payer to recognise it */
  accountTail: string
  bankName: string
  kind: 'debit' | 'credit'
  /** the payer chose it; where none of theirs is chosen, the oldest is the default */
  chosen: boolean
  /** payments without a challenge that the payer has allowed; null: none */
  small: SmallAmount | null
  createdAt: number
  /** null: payments can be made with it */
  endedAt: number | null
}

export type SignRefusal =
  | 'account-refused'
  | 'authentication-failed'
  | 'authentication-expired'
  | 'agreement-not-found'
  | 'sign-not-found'

export interface SignedAgreement {
  agreementId: string
  account: string
  accountTail: string
  bankName: string
  kind: 'debit' | 'credit'
  /** payments of small amounts without a challenge; null: every payment is asked about */
  small: SmallAmount | null
}

/** A request to bind an account, or to allow small amounts: what the payer does in steps, on whatever device. */
export interface SigningRecord {
  /** ours, and the channel's idempotency key: `S` and 16 letters and digits */
  signNo: string
  payerId: string
  kind: 'sign' | 'small'
  state: 'open' | 'signed' | 'refused'
  /** of `small` the one it changes; of `sign` the one it made, once signed */
  agreementId: string | null
  /** of `small`: what is asked for */
  small: SmallAmount | null
  /** what the payer must do; null once it has ended, or before the channel has said */
  action: PayerAction | null
  refusal: SignRefusal | null
  openedAt: number
  endedAt: number | null
}

/** To which words a payer agreed: evidence, kept apart for longer than what it allowed. */
export interface Consent {
  termsVersion: string
  termsSha256: string
  channel: string
}

/** A payer's agreements and the requests on the way to them. Each verb is one transaction. @throws LedgerUnavailable */
export interface AgreementBook {
  /**
   * Keeps a request before anything is sent, and with one for small amounts the consent. `too-many`: the payer has opened so many since
   * `limit.since`, ms, that weren't signed; nothing was kept.
   */
  open(
    signing: SigningRecord,
    consent: Consent | null,
    limit: { most: number; since: number },
  ): Promise<'opened' | 'too-many'>
  /** The payer's own; anybody else's doesn't exist for them. */
  signing(payerId: string, signNo: string): Promise<SigningRecord | undefined>
  /** Keeps what the payer must do now, while it is open. */
  asked(signNo: string, action: PayerAction): Promise<void>
  /**
   * It is signed: the agreement is there, or may pay small amounts from now on. Once; an agreement of that id that had ended is in
   * force again. @throws when it is another payer's
   */
  signed(signNo: string, agreement: SignedAgreement, at: number): Promise<void>
  refused(signNo: string, refusal: SignRefusal, at: number): Promise<void>
  /** Keeps an agreement that came without steps; one already kept (same id) is left as it is. */
  keep(payerId: string, agreement: SignedAgreement, at: number): Promise<void>
  /** The payer's default from now on, and no other of theirs. */
  choose(payerId: string, agreementId: string): Promise<void>
  /** Ended, with what it allowed; ended before is as good. */
  end(agreementId: string, at: number): Promise<void>
  endSmall(agreementId: string, at: number): Promise<void>
}

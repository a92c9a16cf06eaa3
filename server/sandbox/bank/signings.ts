import { createHash } from 'node:crypto'
import type { Books } from './books'
import type { Agreement, Fact, Holder, Signing, SignRefusal, Small, Way } from './facts'
import type { Questions, Resending } from './questions'

export interface SignAsked {
  signNo: string
  payerId: string
  account: string
  name: string
  phone: string
  returnTo: string | null
}

export interface SmallAsked {
  signNo: string
  agreementId: string
  small: Small
}

/** What nothing was recorded of. */
export interface NoSigning {
  signNo: string
  state: { kind: 'refused'; code: SignRefusal | 'sign-not-found' | 'sign-no-reused' }
}

/** Every account begins with ¥100,000.00. */
const OPENING_FEN = 10_000_000
const ACCOUNT = /^\d{16,19}$/
const PHONE = /^1\d{10}$/
const MAX_NAME = 40
/** In an easy sandbox nobody is asked. */
const EASY_SMALL: Small = { maxFen: 20_000, perDay: 1_000 }
const EASY_PHONE = '138****8000'

/**
 * How payers sign (签约), allow small amounts (免密) and end it. Any account of 16 to 19 digits exists; it is of whoever first
 * signed it, and refuses another name or telephone without saying which of them was wrong.
 */
export class Signings {
  constructor(
    private readonly books: Books,
    private readonly record: (fact: Fact) => void,
    private readonly questions: Questions,
  ) {}

  /** Everybody's in an easy sandbox. The account's number follows from the payer's id, so that it survives a wiped one. */
  easy(payerId: string): Agreement {
    const digits = String(BigInt(`0x${sha256(payerId).slice(16, 32)}`) % 10n ** 13n).padStart(13, '0')
    for (let nth = 0; ; nth++) {
      const agreementId = agreementIdOf(nth === 0 ? payerId : `${payerId}|${nth}`)
      const known = this.books.agreements.get(agreementId)
      if (known?.ended) continue
      const holder = { id: agreementId, maskedPhone: EASY_PHONE }
      return (
        known ??
        this.agree({ agreementId, payerId, account: `621788${digits}`, holder, small: EASY_SMALL, ended: false })
      )
    }
  }

  /** Asks the holder. Idempotent on `signNo`: same content, same answer. */
  sign({ signNo, payerId, account: typed, name, phone, returnTo }: SignAsked, way: Way): Signing | NoSigning {
    const account = this.ownNameOf(typed)
    const id = this.questions.secrets.print(`holder|${name}|${phone}`)
    const holder = { id, maskedPhone: `${phone.slice(0, 3)}****${phone.slice(-4)}` }
    const sound = ACCOUNT.test(typed) && PHONE.test(phone) && name.length > 0 && name.length <= MAX_NAME
    const refused = !sound || !this.isOf(account, holder) || this.questions.isSuspect(holder)
    const want = { kind: 'account' as const, payerId, account, holder }
    return this.ask({ signNo, want, returnTo }, holder, way, refused)
  }

  /** Asks the agreement's holder, by the same steps. */
  allowSmall({ signNo, agreementId, small }: SmallAsked): Signing | NoSigning {
    const agreement = this.active(agreementId)
    if (!agreement) return { signNo, state: { kind: 'refused', code: 'agreement-not-found' } }
    const want = { kind: 'small' as const, agreementId, small }
    return this.ask({ signNo, want, returnTo: null }, agreement.holder, 'sms', false)
  }

  /** How it stands; one that nobody answered in time is over. */
  state(signNo: string): Signing | NoSigning {
    const known = this.books.signings.get(signNo)
    if (!known) return { signNo, state: { kind: 'refused', code: 'sign-not-found' } }
    const code = known.state.kind === 'open' && this.questions.over(known.challengeId)
    return code ? this.ended(known, { kind: 'refused', code }) : known
  }

  /** A proof for another challenge is nobody's to judge: the answer is how it stands. */
  confirm(
    signNo: string,
    { challengeId, proof, at }: { challengeId: string; proof: string; at: Way },
  ): Signing | NoSigning {
    const known = this.state(signNo)
    if (!isOpen(known) || known.challengeId !== challengeId) return known
    if (this.questions.get(challengeId).way !== at) return known
    switch (this.questions.judge(challengeId, proof)) {
      case 'right':
        return this.done(known)
      case 'wrong':
        return known
      case 'failed':
        return this.ended(known, { kind: 'refused', code: 'authentication-failed' })
    }
  }

  resend(signNo: string, challengeId: string): Resending {
    const known = this.state(signNo)
    return isOpen(known) && known.challengeId === challengeId ? this.questions.resend(challengeId) : { kind: 'gone' }
  }

  /** From now on nothing is debited by it; false when there was never one of that name. */
  end(agreementId: string): boolean {
    const known = this.books.agreements.get(agreementId)
    if (known && !known.ended) this.record({ type: 'agreement', agreement: { ...known, ended: true, small: null } })
    return known !== undefined
  }

  endSmall(agreementId: string): boolean {
    const known = this.books.agreements.get(agreementId)
    if (known?.small) this.record({ type: 'agreement', agreement: { ...known, small: null } })
    return known !== undefined
  }

  private ask(
    asked: Pick<Signing, 'signNo' | 'want' | 'returnTo'>,
    holder: Holder,
    way: Way,
    refused: boolean,
  ): Signing | NoSigning {
    const { signNo } = asked
    const print = this.questions.secrets.print(JSON.stringify(asked))
    const known = this.state(signNo)
    if ('print' in known)
      return known.print === print ? known : { signNo, state: { kind: 'refused', code: 'sign-no-reused' } }
    const challenge = this.questions.about({ signNo }, way, holder)
    const open: Signing = { ...asked, print, challengeId: challenge.challengeId, state: { kind: 'open' } }
    if (refused) return this.ended(open, { kind: 'refused', code: 'account-refused' })
    this.record({ type: 'challenge', challenge })
    return this.ended(open, open.state)
  }

  /** The payer has answered. Each step may have been done before a crash, and is then done again. */
  private done(signing: Signing): Signing {
    const { want, signNo } = signing
    if (want.kind === 'small') {
      const agreement = this.active(want.agreementId)
      if (!agreement) return this.ended(signing, { kind: 'refused', code: 'agreement-not-found' })
      this.record({ type: 'agreement', agreement: { ...agreement, small: want.small } })
      return this.ended(signing, { kind: 'signed', agreementId: agreement.agreementId })
    }
    const { payerId, account, holder } = want
    if (!this.isOf(account, holder)) return this.ended(signing, { kind: 'refused', code: 'account-refused' })
    const known = [...this.books.agreements.values()].find(
      (one) => !one.ended && one.account === account && one.payerId === payerId,
    )
    const agreementId = agreementIdOf(signNo)
    const agreement = known ?? this.agree({ agreementId, payerId, account, holder, small: null, ended: false })
    return this.ended(signing, { kind: 'signed', agreementId: agreement.agreementId })
  }

  private agree(agreement: Agreement): Agreement {
    const openingFen = this.books.accounts.has(agreement.account) ? 0 : OPENING_FEN
    this.record({ type: 'agreed', agreement, openingFen })
    return agreement
  }

  private ended(signing: Signing, state: Signing['state']): Signing {
    const now = { ...signing, state }
    this.record({ type: 'signing', signing: now })
    return now
  }

  private active(agreementId: string): Agreement | undefined {
    const known = this.books.agreements.get(agreementId)
    return known?.ended ? undefined : known
  }

  /** What the bank calls an account to others: a word of its own, as long and with the same tail, and never the card's number. */
  private ownNameOf(typed: string): string {
    const print = this.questions.secrets.print(`account|${typed}`)
    return `A${print}`.slice(0, typed.length - 4) + typed.slice(-4)
  }

  private isOf(account: string, holder: Holder): boolean {
    const kind = this.books.accounts.get(account)?.kind ?? 'payer'
    const before = [...this.books.agreements.values()].find((one) => one.account === account)
    return kind === 'payer' && (before === undefined || before.holder.id === holder.id)
  }
}

function isOpen(known: Signing | NoSigning): known is Signing {
  return known.state.kind === 'open'
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function agreementIdOf(text: string): string {
  return `AG${sha256(text).slice(0, 16).toUpperCase()}`
}

import { defaultOf } from '../../domain/agreement'
import { SMALL_CHOICES_FEN, SMALL_PER_DAY, type Terms } from '../../domain/small-amount'
import type { PayersSigning } from '../../flow/agreement/sign'
import type { Agreement } from '../../flow/ports'
import type { AgreementView, SignView, SmallTermsView } from '../contract'
import { iso } from './iso'

/** The door out of what a payer has signed; accounts stay inside, but for their tails. */

export function presentAgreements(agreements: readonly Agreement[]): AgreementView[] {
  const chosen = defaultOf(agreements)
  return agreements.map((one) => presentAgreement(one, one === chosen))
}

function presentAgreement(agreement: Agreement, isDefault: boolean): AgreementView {
  const { agreementId, bankName, accountTail, kind, small, createdAt } = agreement
  return { agreementId, bankName, accountTail, kind, isDefault, small, createdAt: iso(createdAt) }
}

export function presentSigning({ signing, agreement, isDefault }: PayersSigning, now: number): SignView {
  const { signNo, kind, state, refusal } = signing
  const action = signing.action && signing.action.expiresAt > now ? signing.action : null
  return {
    signNo,
    kind,
    state,
    action: action && { ...action, expiresAt: iso(action.expiresAt) },
    agreement: agreement ? presentAgreement(agreement, isDefault) : null,
    refusal,
  }
}

export function presentSmallTerms({ version, sha256, title, lines }: Terms): SmallTermsView {
  return { version, sha256, title, lines: [...lines], maxFenChoices: [...SMALL_CHOICES_FEN], perDay: SMALL_PER_DAY }
}

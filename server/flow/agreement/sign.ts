import { defaultOf, newSignNo } from '../../domain/agreement'
import { OWN_CHANNEL } from '../../domain/channel'
import { SMALL_TERMS, type SmallAmount, type Terms } from '../../domain/small-amount'
import {
  type Agreement,
  ChannelUnavailable,
  type Consent,
  type Signing,
  type SigningRecord,
  type SignReply,
} from '../ports'
import { type AgreementDeps, agreementOf, agreementsOf } from './agreements'

/** A request as its payer may see it, with the agreement that it made or changed. */
export interface PayersSigning {
  signing: SigningRecord
  agreement: Agreement | undefined
  isDefault: boolean
}

export type SignResult =
  | { kind: 'signing'; told: PayersSigning }
  | { kind: 'refused'; code: 'sign-not-found' | 'challenge-gone' | 'agreement-unknown' | 'terms-changed' }
  | { kind: 'later'; code: 'too-many-signings' | 'too-soon'; retryAfterMs: number }

/** Each sends a text message at the most, and tries whether an account, a name and a telephone belong together. */
const MOST_OPENED = 10
const OPENED_WITHIN_MS = 24 * 3_600_000

/** As the payer typed it: handed to the bank, and neither kept nor logged. */
export interface SignInput {
  payerId: string
  account: string
  name: string
  phone: string
  /** a path of ours */
  returnTo?: string | undefined
}

/** Asks the bank to bind an account. @throws ChannelUnavailable: nothing is bound by that request */
export async function sign(deps: AgreementDeps, { payerId, returnTo, ...holder }: SignInput): Promise<SignResult> {
  const desk = deskOf(deps)
  const back = deps.publicUrl === null || returnTo === undefined ? null : deps.publicUrl + returnTo
  return open(deps, { payerId, kind: 'sign', agreementId: null, small: null }, null, (signNo) =>
    desk.sign({ signNo, payerId, ...holder, returnTo: back }),
  )
}

/**
 * Asks for payments of small amounts without a challenge (免密), by a consent to these very terms; the bank's challenge
 * comes first. @throws ChannelUnavailable: nothing is allowed by that request
 */
export async function allowSmall(
  deps: AgreementDeps,
  input: { payerId: string; agreementId: string; terms: Pick<Terms, 'version' | 'sha256'> } & SmallAmount,
): Promise<SignResult> {
  const { payerId, agreementId, maxFen, perDay, terms } = input
  if (terms.version !== SMALL_TERMS.version || terms.sha256 !== SMALL_TERMS.sha256) return refused('terms-changed')
  if (!(await agreementOf(deps, payerId, agreementId))) return refused('agreement-unknown')
  const desk = deskOf(deps)
  const consent = { termsVersion: terms.version, termsSha256: terms.sha256, channel: OWN_CHANNEL }
  return open(deps, { payerId, kind: 'small', agreementId, small: { maxFen, perDay } }, consent, (signNo) =>
    desk.allowSmall({ signNo, agreementId, maxFen, perDay }),
  )
}

/** Hands on the proof against the challenge that is open now. One that has ended is told as it is, whatever the proof. */
export async function confirmSigning(
  deps: AgreementDeps,
  input: { payerId: string; signNo: string; challengeId?: string | undefined; proof: string },
): Promise<SignResult> {
  const signing = await deps.agreements.signing(input.payerId, input.signNo)
  if (!signing) return refused('sign-not-found')
  if (signing.state !== 'open') return told(deps, signing)
  const challengeId = challengeOf(deps, signing)
  if (challengeId === undefined || (input.challengeId ?? challengeId) !== challengeId) return refused('challenge-gone')
  return settle(deps, signing, await deskOf(deps).confirm(signing.signNo, { challengeId, proof: input.proof }))
}

/** Has the code sent once more. */
export async function resendSigning(deps: AgreementDeps, payerId: string, signNo: string): Promise<SignResult> {
  const signing = await deps.agreements.signing(payerId, signNo)
  if (!signing) return refused('sign-not-found')
  const challengeId = challengeOf(deps, signing)
  if (challengeId === undefined) return refused('challenge-gone')
  const resent = await deskOf(deps).resend(signNo, challengeId)
  switch (resent.kind) {
    case 'sent':
      return settle(deps, signing, { kind: 'action', action: resent.action })
    case 'too-soon':
      return { kind: 'later', code: 'too-soon', retryAfterMs: resent.retryAfterMs }
    case 'gone':
      return refused('challenge-gone')
  }
}

/** How it stands. The bank is asked about an open one: its own page may have ended it, or a reply of it was lost. */
export async function showSigning(deps: AgreementDeps, payerId: string, signNo: string): Promise<SignResult> {
  const signing = await deps.agreements.signing(payerId, signNo)
  if (!signing) return refused('sign-not-found')
  if (signing.state !== 'open') return told(deps, signing)
  try {
    return await settle(deps, signing, await deskOf(deps).state(signNo))
  } catch (error) {
    if (error instanceof ChannelUnavailable) return told(deps, signing)
    throw error
  }
}

type Asked = Pick<SigningRecord, 'payerId' | 'kind' | 'agreementId' | 'small'>

/** Kept before anything is sent, so that the number is ours whatever becomes of the call. */
async function open(
  deps: AgreementDeps,
  asked: Asked,
  consent: Consent | null,
  send: (signNo: string) => Promise<SignReply>,
): Promise<SignResult> {
  const now = deps.clock.now()
  const signNo = newSignNo(deps.random(16))
  const record = { state: 'open' as const, action: null, refusal: null, openedAt: now, endedAt: null }
  const signing: SigningRecord = { signNo, ...asked, ...record }
  const limit = { most: MOST_OPENED, since: now - OPENED_WITHIN_MS }
  if ((await deps.agreements.open(signing, consent, limit)) === 'too-many')
    return { kind: 'later', code: 'too-many-signings', retryAfterMs: 3_600_000 }
  return settle(deps, signing, await send(signNo))
}

/** The one place in which a request ends: by the bank's word alone, and once. */
async function settle(deps: AgreementDeps, { signNo, payerId, ...before }: SigningRecord, reply: SignReply) {
  const now = deps.clock.now()
  switch (reply.kind) {
    case 'action':
      await deps.agreements.asked(signNo, reply.action)
      break
    case 'signed':
      if (before.kind === 'small' && reply.agreement.agreementId !== before.agreementId)
        throw new ChannelUnavailable(`${signNo}: the bank speaks of another agreement`)
      await deps.agreements.signed(signNo, reply.agreement, now)
      break
    case 'refused':
      await deps.agreements.refused(signNo, reply.code, now)
  }
  return told(deps, (await deps.agreements.signing(payerId, signNo))!)
}

async function told(deps: AgreementDeps, signing: SigningRecord): Promise<SignResult> {
  const { state, agreementId, payerId } = signing
  const all = state === 'signed' ? await agreementsOf(deps, payerId) : []
  const agreement = all.find((one) => one.agreementId === agreementId)
  return {
    kind: 'signing',
    told: { signing, agreement, isDefault: agreement !== undefined && defaultOf(all) === agreement },
  }
}

/** The challenge that a proof can be brought against now. */
function challengeOf({ clock }: AgreementDeps, { action }: SigningRecord): string | undefined {
  return action?.kind === 'challenge' && action.expiresAt > clock.now() ? action.params.challengeId : undefined
}

/** @throws ChannelUnavailable where nobody can sign */
function deskOf({ channels }: AgreementDeps): Signing {
  const desk = channels.get(OWN_CHANNEL)?.agreements
  if (!desk?.sign) throw new ChannelUnavailable('this channel signs nothing')
  return desk as Signing
}

function refused(code: (SignResult & { kind: 'refused' })['code']): SignResult {
  return { kind: 'refused', code }
}

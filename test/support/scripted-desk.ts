import type { PayerAction } from '../../server/domain/channel'
import type { Resent, SignedAgreement, Signing, SignReply } from '../../server/flow/ports'
import { NOON } from './flow'

/** A bank's desk that says what it is told to, and remembers what it was asked. */
export function scriptedDesk() {
  const calls: { verb: keyof Signing; said: unknown }[] = []
  const script: (SignReply | Resent | Error | undefined)[] = []
  const answer = async (verb: keyof Signing, said: unknown) => {
    calls.push({ verb, said })
    const next = script.shift()
    if (next instanceof Error) throw next
    return next as never
  }
  const desk: Signing = {
    sign: (request) => answer('sign', request),
    allowSmall: (request) => answer('allowSmall', request),
    confirm: (signNo, proof) => answer('confirm', { signNo, ...proof }),
    resend: (signNo, challengeId) => answer('resend', { signNo, challengeId }),
    state: (signNo) => answer('state', signNo),
    end: (agreementId) => answer('end', agreementId),
    endSmall: (agreementId) => answer('endSmall', agreementId),
  }
  return { desk, calls, says: (...replies: typeof script) => void script.push(...replies) }
}

export const challenge = (more: Record<string, string> = {}, expiresAt = NOON + 180_000): PayerAction => ({
  kind: 'challenge',
  params: { challengeId: 'C1', kinds: 'sms', maskedPhone: '138****8000', attemptsLeft: '3', ...more },
  expiresAt,
})
export const asks = (action: PayerAction): SignReply => ({ kind: 'action', action })
export const agreed = (more: Partial<SignedAgreement> = {}): SignReply & { kind: 'signed' } => ({
  kind: 'signed',
  agreement: {
    agreementId: 'AG-1',
    account: 'acct-1',
    accountTail: '0001',
    bankName: '南城银行',
    kind: 'debit',
    small: null,
    ...more,
  },
})

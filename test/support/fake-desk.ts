import { actionOf, challengeReply } from '../../server/channel/bank/action'
import type { AgreementDesk, Resent, SignedAgreement, SignRefusal, SignReply } from '../../server/flow/ports'
import type { Bank } from '../../server/sandbox/bank/bank'
import type { Way } from '../../server/sandbox/bank/facts'
import { type Answer, resendAnswer, signingAnswer } from '../../server/sandbox/bank/views'

/** The steps of signing without a network: the sandbox bank's own, called directly. */

export type SignVerb = 'easy' | 'sign' | 'confirm' | 'resend' | 'state' | 'end'
/** Runs it, or what the script has for it instead. */
export type Reach = <T>(verb: SignVerb, run: (mishap?: Met) => T) => Promise<T>
/** A mishap that lets it happen all the same. */
interface Met {
  kind: string
  way?: Way
}

export function fakeDesk(bank: Bank, reach: Reach): AgreementDesk {
  const { signings } = bank
  const said = (signing: Parameters<typeof signingAnswer>[1]) => signReply(signingAnswer(bank, signing))
  return {
    sign: (request) => reach('sign', (mishap) => said(signings.sign(request, wayOf(mishap)))),
    allowSmall: ({ signNo, agreementId, ...small }) =>
      reach('sign', () => said(signings.allowSmall({ signNo, agreementId, small }))),
    confirm: (signNo, { challengeId, proof }) =>
      reach('confirm', () => said(signings.confirm(signNo, { challengeId, proof, at: 'sms' }))),
    resend: (signNo, challengeId) =>
      reach('resend', () => {
        const resending = signings.resend(signNo, challengeId)
        return resentOf(resendAnswer(resending, () => signingAnswer(bank, signings.state(signNo))))
      }),
    state: (signNo) => reach('state', () => said(signings.state(signNo))),
    end: (agreementId) => reach('end', () => void signings.end(agreementId)),
    endSmall: (agreementId) => reach('end', () => void signings.endSmall(agreementId)),
  }
}

/** The code in the last text about an order or a signing; undefined when none was sent. */
export function codeOf({ books, ways }: Bank, number: string): string | undefined {
  const challenge = [...books.challenges.values()].find(({ about }) => Object.values(about)[0] === number)
  return challenge && ways.secrets.code(challenge.challengeId, challenge.sentAt.length)
}

const wayOf = (mishap?: Met) => (mishap?.kind === 'ask' ? (mishap.way ?? 'sms') : 'sms')

function signReply({ status, body }: Answer): SignReply {
  if (status !== 200) return { kind: 'refused', code: (body as { code: SignRefusal }).code }
  const { signNo: _, state, ...rest } = body as SignedAgreement & { signNo: string; state: string }
  if (state === 'signed') return { kind: 'signed', agreement: rest }
  return { kind: 'action', action: actionOf(challengeReply.parse(body)) }
}

export function resentOf({ status, body }: Answer): Resent {
  if (status === 200) return { kind: 'sent', action: actionOf(challengeReply.parse(body)) }
  if (status === 429) return { kind: 'too-soon', retryAfterMs: (body as { retryAfterMs: number }).retryAfterMs }
  return { kind: 'gone' }
}

import { jsonOf } from '../../domain/json'
import {
  type AgreementDesk,
  ChannelUnavailable,
  type Resent,
  type SignedAgreement,
  type SignRefusal,
  type SignReply,
} from '../../flow/ports'
import { actionOf } from './action'
import type { Exchange, SignedClient } from './client'
import { refusalCode } from './outcome'
import { agreementReply, signingReply, tooSoonReply } from './schema'
import type { Encrypt } from './sign'

const REFUSALS: ReadonlySet<string> = new Set<SignRefusal>([
  'account-refused',
  'authentication-failed',
  'authentication-expired',
  'agreement-not-found',
  'sign-not-found',
])

/**
 * The bank's desk for agreements. What the payer typed goes into an envelope that the bank alone opens, with the number of the
 * request it belongs to. `easy`: the bank is a sandbox's that gives everybody one.
 */
export function bankAgreements(exchange: SignedClient['exchange'], enclose: Encrypt, easy: boolean): AgreementDesk {
  const one = (id: string) => `/v1/agreements/${encodeURIComponent(id)}`
  const envelope = (content: object) => enclose(JSON.stringify(content))
  return {
    async sign({ signNo, payerId, account, name, phone, returnTo }) {
      const sealed = envelope({ signNo, account, name, phone })
      const body = { signNo, payerId, envelope: sealed, ...(returnTo !== null && { returnTo }) }
      return signReply(signNo, await exchange('POST', '/v1/agreements', body))
    },
    async allowSmall({ signNo, agreementId, maxFen, perDay }) {
      const path = `${one(agreementId)}/small-amount`
      return signReply(signNo, await exchange('PUT', path, { signNo, maxFen, perDay }))
    },
    async confirm(signNo, { challengeId, proof }) {
      const body = { challengeId, envelope: envelope({ signNo, challengeId, proof }) }
      return signReply(signNo, await exchange('POST', `${one(signNo)}/confirm`, body))
    },
    async resend(signNo, challengeId) {
      const reply = await exchange('POST', `${one(signNo)}/resend`, { challengeId })
      return resentOf(reply, () => {
        const said = signReply(signNo, reply)
        return said.kind === 'action' ? said.action : undefined
      })
    },
    state: async (signNo) => signReply(signNo, await exchange('GET', one(signNo))),
    end: async (agreementId) => ended(await exchange('DELETE', one(agreementId))),
    endSmall: async (agreementId) => ended(await exchange('DELETE', `${one(agreementId)}/small-amount`)),
    ...(easy && { easy: (payerId: string) => easyAgreement(exchange, payerId) }),
  }
}

function signReply(signNo: string, reply: Exchange): SignReply {
  const { status, body } = believed(reply)
  if (status === 200) {
    const said = signingReply.safeParse(jsonOf(body)).data
    if (said?.signNo !== signNo) throw new ChannelUnavailable('agreement: malformed-reply')
    if (said.state === 'challenge') return { kind: 'action', action: actionOf(said) }
    const { signNo: _, state: __, ...agreement } = said
    return { kind: 'signed', agreement }
  }
  const code = refusalCode(body)
  if (code !== undefined && REFUSALS.has(code)) return { kind: 'refused', code: code as SignRefusal }
  throw new ChannelUnavailable(`agreement: status ${status}`)
}

/** `action`: of a reply that says how the challenge stands now. */
export function resentOf(
  reply: Exchange,
  action: () => Extract<Resent, { kind: 'sent' }>['action'] | undefined,
): Resent {
  const { status, body } = believed(reply)
  const now = status === 200 ? action() : undefined
  if (now) return { kind: 'sent', action: now }
  const code = refusalCode(body)
  if (status === 429) return { kind: 'too-soon', retryAfterMs: tooSoonReply.parse(jsonOf(body) ?? {}).retryAfterMs }
  if (status < 300 || code === 'challenge-gone') return { kind: 'gone' }
  throw new ChannelUnavailable(`resend: status ${status}`)
}

/** Unknown is ended. */
function ended(reply: Exchange): void {
  const { status, body } = believed(reply)
  if (status !== 200 && refusalCode(body) !== 'agreement-not-found')
    throw new ChannelUnavailable(`agreement: status ${status}`)
}

async function easyAgreement(exchange: SignedClient['exchange'], payerId: string): Promise<SignedAgreement> {
  const { status, body } = believed(await exchange('POST', '/v1/easy-agreements', { payerId }))
  const said = agreementReply.safeParse(jsonOf(body))
  if (status !== 200 || !said.success) throw new ChannelUnavailable(`agreement: status ${status}`)
  return said.data
}

function believed(reply: Exchange): { status: number; body: string } {
  if (reply.kind === 'failed') throw new ChannelUnavailable(`agreement: ${reply.code}`)
  return reply
}

import { z } from 'zod'
import { jsonOf } from '../../domain/json'
import type { Clock, HttpAnswer, Notice, NoticeResult, Notices } from '../../flow/ports'
import type { Exchange } from './client'
import { besidesOf, outcomeOf, seenOf } from './outcome'
import { refundOutcomeOf } from './refund'
import { bankKeys } from './schema'
import { HEADER, isNonce, isTimely, Nonces, requestText, verifierOfAny } from './sign'

/** What is needed to know what it is about; the rest is read as a reply's body is. */
const number = z.string().min(1).max(64)
const named = z.object({ orderNo: number, refundNo: number.optional() })

/**
 * The bank's notices (docs/bank-channel.md): signed as requests are, with the bank's key; timely; each nonce once. The
 * body is a state, and means what it means in a reply, so a code we don't know ends nothing (I5).
 */
export function bankNotices({ clock, ...keys }: Parameters<typeof bankKeys>[0] & { clock: Clock }): Notices {
  const verify = verifierOfAny(bankKeys(keys))
  const nonces = new Nonces()
  const refused = (code: string): Notice => ({ kind: 'refused', code })
  return {
    acknowledge,
    read({ method, path, headers, body }) {
      const timestamp = headers[HEADER.timestamp]
      const nonce = headers[HEADER.nonce]
      if (!isTimely(timestamp, clock.now())) return refused('clock-skew')
      if (!isNonce(nonce)) return refused('signature-invalid')
      const text = requestText({ method, path, timestamp, nonce, body })
      if (!verify(headers[HEADER.keyId], text, String(headers[HEADER.signature]))) return refused('signature-invalid')
      if (!nonces.isNew(nonce, Number(timestamp), clock.now())) return refused('nonce-reused')
      return noticeOf(body) ?? refused('malformed')
    },
  }
}

/** The news of a verified body; undefined when it names neither order nor refund. */
function noticeOf(bytes: Uint8Array): Notice | undefined {
  const { data } = named.safeParse(jsonOf(bytes))
  if (!data) return undefined
  const body = Buffer.from(bytes).toString('utf8')
  const { orderNo, refundNo } = data
  const exchange: Exchange = { kind: 'verified', status: 200, body }
  const common = { verb: 'notify', seen: seenOf(exchange), raw: { status: null, body } } as const
  if (refundNo === undefined) {
    const reply = { ...common, outcome: outcomeOf(orderNo, exchange), ...besidesOf(orderNo, exchange) }
    return { kind: 'verified', about: 'order', number: orderNo, reply }
  }
  const reply = { ...common, outcome: refundOutcomeOf({ orderNo, refundNo }, exchange) }
  return { kind: 'verified', about: 'refund', number: refundNo, reply }
}

const JSON_TYPE = 'application/json'

/** 200 once the news is in the ledger; whoever hears anything else sends it again. */
function acknowledge(result: NoticeResult): HttpAnswer {
  const answer = (status: number, body: object): HttpAnswer => ({ status, type: JSON_TYPE, body: JSON.stringify(body) })
  switch (result.kind) {
    case 'handled':
      return answer(200, { received: true })
    case 'refused':
      return answer(403, { code: 'notice-refused', detail: result.code })
    case 'not-found':
      return answer(404, { code: 'order-not-found' })
  }
}

import { z } from 'zod'
import type { Clock, Notice, ReadNotice } from '../../flow/ports'
import { jsonOf, outcomeOf } from './outcome'
import type { BankConfig } from './schema'
import { HEADER, isNonce, isTimely, Nonces, requestText, verifier } from './sign'

/** What is needed to know the order; the rest is read as a reply's body is. */
const named = z.object({ orderNo: z.string().min(1).max(64) })

/**
 * Reads the bank's notices (docs/bank-channel.md): signed as requests are, with the bank's key; timely; each nonce once. The
 * body is a state, and means what it means in a reply, so a code we don't know ends nothing (I5).
 */
export function bankNotices({
  bankPublicKey,
  clock,
}: Pick<BankConfig, 'bankPublicKey'> & { clock: Clock }): ReadNotice {
  const verify = verifier(bankPublicKey)
  const nonces = new Nonces()
  const refused = (code: string): Notice => ({ kind: 'refused', code })
  return ({ method, path, headers, body }) => {
    const timestamp = headers[HEADER.timestamp]
    const nonce = headers[HEADER.nonce]
    if (!isTimely(timestamp, clock.now())) return refused('clock-skew')
    if (!isNonce(nonce)) return refused('signature-invalid')
    const text = requestText({ method, path, timestamp, nonce, body })
    if (!verify(text, String(headers[HEADER.signature]))) return refused('signature-invalid')
    if (!nonces.isNew(nonce, Number(timestamp), clock.now())) return refused('nonce-reused')
    const said = Buffer.from(body).toString('utf8')
    const order = named.safeParse(jsonOf(said))
    if (!order.success) return refused('malformed')
    const { orderNo } = order.data
    const outcome = outcomeOf(orderNo, { kind: 'verified', status: 200, body: said })
    return { kind: 'verified', orderNo, reply: { verb: 'notify', outcome, raw: { status: null, body: said } } }
  }
}

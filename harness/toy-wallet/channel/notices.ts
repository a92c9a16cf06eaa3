import { z } from 'zod'
import { ourNo } from '../../../server/domain/channel'
import { jsonOf } from '../../../server/domain/json'
import type { Clock, HttpAnswer, Notice, NoticeResult, Notices } from '../../../server/flow/ports'
import { meaningOfPayment } from './outcome'
import { meaningOfRefund } from './refunds'
import { HEADER, isNonce, isTimely, requestText, verifier } from './sign'

/** What is needed to know whose news it is; the rest is read as a reply's body is, and means the same. */
const named = z.discriminatedUnion('about', [
  z.object({ about: z.literal('payment'), number: z.string() }),
  z.object({ about: z.literal('refund'), refundNumber: z.string() }),
])

/**
 * The wallet's notices, signed as requests are, with its own key. One that comes again, late, or in another order than things
 * happened is old news, which changes nothing; so no nonces are kept here.
 */
export function notices({ walletPublicKey, clock }: { walletPublicKey: string; clock: Clock }): Notices {
  const verify = verifier(walletPublicKey)
  return {
    read({ method, path, headers, body }): Notice {
      const timestamp = headers[HEADER.timestamp]
      const nonce = headers[HEADER.nonce]
      if (!isTimely(timestamp, clock.now())) return refused('clock-skew')
      const text = isNonce(nonce) && requestText({ method, path, timestamp, nonce, body })
      if (!text || !verify(text, headers[HEADER.signature])) return refused('signature-invalid')
      const said = jsonOf(body)
      const about = named.safeParse(said)
      if (!about.success) return refused('malformed')
      const theirs = about.data.about === 'payment' ? about.data.number : about.data.refundNumber
      // Signed, and no number of ours: the flow won't find it, and raises the alarm.
      const number = ourNo(theirs) ?? theirs
      const raw = { status: null, body: Buffer.from(body).toString('utf8') }
      return about.data.about === 'payment'
        ? {
            kind: 'verified',
            about: 'order',
            number,
            reply: { verb: 'notify', ...meaningOfPayment(theirs, said), raw },
          }
        : {
            kind: 'verified',
            about: 'refund',
            number,
            reply: { verb: 'notify', ...meaningOfRefund(theirs, said), raw },
          }
    },
    acknowledge,
  }
}

/** The wallet wants 200 and `OK`; after anything else it sends the notice again. */
function acknowledge(result: NoticeResult): HttpAnswer {
  const say = (status: number, body: string) => ({ status, type: 'text/plain', body })
  switch (result.kind) {
    case 'handled':
      return say(200, 'OK')
    case 'refused':
      return say(403, result.code)
    case 'not-found':
      return say(404, 'no such payment')
  }
}

function refused(code: string): Notice {
  return { kind: 'refused', code }
}

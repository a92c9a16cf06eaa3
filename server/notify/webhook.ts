import { createHmac } from 'node:crypto'
import type { OutsideMessage, Teller } from '../flow/ports'
import { postJson } from './post'

export interface WebhookConfig {
  url: string
  /** of at least 32 bytes */
  secret: Buffer
}

/** Bounded, so that whoever stands behind it isn't flooded by us. */
const PER_MINUTE = 60

/**
 * A bank's own receiver (docs/OPERATIONS.md). It can trust what comes by `Fapai-Signature`: HMAC-SHA256, in hex, of `Fapai-Timestamp` (ms),
 * a dot and the body as it came. Any 2xx is an answer; a message may come twice, with the same `Fapai-Id`.
 */
export function webhook({ url, secret }: WebhookConfig): Teller {
  return {
    target: 'webhook',
    perMinute: PER_MINUTE,
    async tell(message, now) {
      const body = JSON.stringify(bodyOf(message))
      const posted = await postJson(url, body, {
        'fapai-id': String(message.id),
        'fapai-timestamp': String(now),
        'fapai-signature': signatureOf(secret, now, body),
      })
      if (!posted) return { kind: 'again', code: 'no-answer' }
      const taken = posted.status >= 200 && posted.status < 300
      return { kind: taken ? 'told' : 'again', code: String(posted.status) }
    },
  }
}

export const signatureOf = (secret: Buffer, timestampMs: number, body: string): string =>
  createHmac('sha256', secret).update(`${timestampMs}.${body}`).digest('hex')

const bodyOf = ({ at, ...message }: OutsideMessage) => ({ ...message, at: new Date(at).toISOString() })

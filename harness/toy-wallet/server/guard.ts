import type { IncomingHttpHeaders } from 'node:http'
import { HEADER, isNonce, isTimely, requestText, verifier } from '../channel/sign'

export type Unauthorised = 'clock-skew' | 'nonce-reused' | 'signature-invalid'

/** Longer than a timestamp passes, behind and ahead. */
const NONCE_MS = 11 * 60_000

/** Checks who sent a request: null when it is the client's, now, and for the first time. */
export function guard(clientKey: string, now: () => number) {
  const verify = verifier(clientKey)
  const seen = new Map<string, number>()
  return (request: {
    method: string
    path: string
    headers: IncomingHttpHeaders
    body: Uint8Array
  }): Unauthorised | null => {
    const { method, path, headers, body } = request
    const timestamp = headers[HEADER.timestamp]
    const nonce = headers[HEADER.nonce]
    if (!isTimely(timestamp, now())) return 'clock-skew'
    if (!isNonce(nonce)) return 'signature-invalid'
    // The signature comes first: a stranger can't use up a nonce.
    if (!verify(requestText({ method, path, timestamp, nonce, body }), headers[HEADER.signature]))
      return 'signature-invalid'
    for (const [old, at] of seen) {
      if (at > now() - NONCE_MS) break
      seen.delete(old)
    }
    if (seen.has(nonce)) return 'nonce-reused'
    seen.set(nonce, now())
    return null
  }
}

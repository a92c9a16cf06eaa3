import type { IncomingHttpHeaders } from 'node:http'
import { HEADER, isNonce, isTimely, Nonces, requestText, verifier } from '../../channel/bank/sign'

export type Unauthorised = 'key-unknown' | 'clock-skew' | 'nonce-reused' | 'signature-invalid'

export interface SignedRequest {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: Uint8Array
}

/** Checks who sent a request: null when it is the client's, now, and for the first time. */
export function guard(client: { keyId: string; publicKey: string }, now: () => number) {
  const verify = verifier(client.publicKey)
  const nonces = new Nonces()
  return ({ method, path, headers, body }: SignedRequest): Unauthorised | null => {
    const timestamp = headers[HEADER.timestamp]
    const nonce = headers[HEADER.nonce]
    if (headers[HEADER.keyId] !== client.keyId) return 'key-unknown'
    if (!isTimely(timestamp, now())) return 'clock-skew'
    if (!isNonce(nonce)) return 'signature-invalid'
    const text = requestText({ method, path, timestamp, nonce, body })
    // The signature comes first: a stranger can neither fill the memory nor use up a nonce.
    if (!verify(text, String(headers[HEADER.signature]))) return 'signature-invalid'
    return nonces.isNew(nonce, Number(timestamp), now()) ? null : 'nonce-reused'
  }
}

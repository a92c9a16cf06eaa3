import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto'

/** Ed25519 signatures of the toy wallet (README.md): both ends use this file. Keys are DER in base64. */

export const HEADER = { timestamp: 'toy-timestamp', nonce: 'toy-nonce', signature: 'toy-signature' } as const

/** How far the other side's clock may be off. */
const CLOCK_WINDOW_MS = 5 * 60_000

interface Signed {
  method: string
  /** path and query, as they stand on the wire */
  path: string
  /** ms since the epoch */
  timestamp: string
  /** the request's, in its reply as well: a reply answers one request only */
  nonce: string
  body: Uint8Array | string
}

export function requestText({ method, path, timestamp, nonce, body }: Signed): string {
  return ['toy-1', 'request', method, path, timestamp, nonce, sha256(body)].join('\n')
}

export function replyText({ method, path, status, timestamp, nonce, body }: Signed & { status: number }): string {
  return ['toy-1', 'reply', method, path, status, timestamp, nonce, sha256(body)].join('\n')
}

export function signer(privateKey: string): (text: string) => string {
  const key = createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' })
  return (text) => signBytes(null, Buffer.from(text), key).toString('base64')
}

/** True when the text was signed by the holder of the key. Never throws, whatever the signature holds. */
export function verifier(publicKey: string): (text: string, signature: unknown) => boolean {
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
  return (text, signature) =>
    typeof signature === 'string' && verifyBytes(null, Buffer.from(text), key, Buffer.from(signature, 'base64'))
}

/** True for a timestamp, as a header holds it, within the clock window. */
export function isTimely(value: unknown, nowMs: number): value is string {
  return typeof value === 'string' && /^\d{13}$/.test(value) && Math.abs(nowMs - Number(value)) <= CLOCK_WINDOW_MS
}

export function isNonce(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{32}$/.test(value)
}

export function generateToyKeys(): { privateKey: string; publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
  }
}

function sha256(body: Uint8Array | string): string {
  return createHash('sha256').update(body).digest('hex')
}

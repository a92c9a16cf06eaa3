import { createCipheriv, createDecipheriv } from 'node:crypto'

/** AES-256-GCM for what must be read again by us and by nobody else: `nonce ‖ ciphertext ‖ tag`; of a text as base64url. */

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** By how much what is enclosed is longer. */
export const ENCLOSING_BYTES = NONCE_BYTES + TAG_BYTES

/** `purpose` binds it: what was enclosed for one doesn't open for another. `nonce`: 12 random bytes, never the same twice. */
export function enclose(key: Uint8Array, purpose: string, text: string, nonce: Uint8Array): string {
  return encloseBytes(key, purpose, Buffer.from(text), nonce).toString('base64url')
}

/** Undefined: not ours, changed, or for another purpose. */
export function disclose(key: Uint8Array, purpose: string, enclosed: string): string | undefined {
  return discloseBytes(key, purpose, Buffer.from(enclosed, 'base64url'))?.toString('utf8')
}

export function encloseBytes(key: Uint8Array, purpose: string, bytes: Uint8Array, nonce: Uint8Array): Buffer {
  if (nonce.length !== NONCE_BYTES) throw new Error('a nonce has 12 bytes')
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose))
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
}

export function discloseBytes(key: Uint8Array, purpose: string, bytes: Uint8Array): Buffer | undefined {
  if (bytes.length < ENCLOSING_BYTES) return undefined
  const [nonce, tag] = [bytes.subarray(0, NONCE_BYTES), bytes.subarray(-TAG_BYTES)]
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(purpose)).setAuthTag(tag)
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
  } catch {
    return undefined
  }
}

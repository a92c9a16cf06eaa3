import { createCipheriv, createDecipheriv } from 'node:crypto'

/** AES-256-GCM for what must be read again by us and by nobody else: `base64url(nonce ‖ ciphertext ‖ tag)`. */

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** `purpose` binds it: what was enclosed for one doesn't open for another. `nonce`: 12 random bytes, never the same twice. */
export function enclose(key: Uint8Array, purpose: string, text: string, nonce: Uint8Array): string {
  if (nonce.length !== NONCE_BYTES) throw new Error('a nonce has 12 bytes')
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose))
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url')
}

/** Undefined: not ours, changed, or for another purpose. */
export function disclose(key: Uint8Array, purpose: string, enclosed: string): string | undefined {
  const bytes = Buffer.from(enclosed, 'base64url')
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined
  const [nonce, tag] = [bytes.subarray(0, NONCE_BYTES), bytes.subarray(-TAG_BYTES)]
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(purpose)).setAuthTag(tag)
  try {
    return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
  } catch {
    return undefined
  }
}

import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * Seals a JSON value for a purpose: `base64url(JSON).base64url(HMAC-SHA256(key, [purpose, body]))`.
 * Anyone may read it, nobody else can make one. Quotes and session tokens are sealed values.
 */
export function seal(key: Uint8Array, purpose: string, value: unknown): string {
  const body = Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${body}.${mac(key, purpose, body)}`
}

/** The sealed value, or undefined when it isn't ours, was changed, or was sealed for another purpose. */
export function unseal(key: Uint8Array, purpose: string, sealed: string): unknown {
  const dot = sealed.indexOf('.')
  if (dot < 1) return undefined
  const body = sealed.slice(0, dot)
  // The signature is compared as written: decoding forgives spare bits, padding and spaces, so one value would have many seals.
  const given = Buffer.from(sealed.slice(dot + 1))
  const right = Buffer.from(mac(key, purpose, body))
  if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined
  return JSON.parse(Buffer.from(body, 'base64url').toString())
}

/** A key for one purpose, derived from the master key. */
export function deriveKey(master: Uint8Array, purpose: string): Buffer {
  return createHmac('sha256', master).update(`fapai key v1|${purpose}`).digest()
}

function mac(key: Uint8Array, purpose: string, body: string): string {
  // As JSON, so that no end of a purpose can pass for the start of a body.
  return createHmac('sha256', key)
    .update(JSON.stringify([purpose, body]))
    .digest('base64url')
}

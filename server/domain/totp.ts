import { createHmac, timingSafeEqual } from 'node:crypto'

/** Codes of an authenticator app: RFC 6238 with SHA-1, 30 s and six digits, the only kind that every such app makes. */

const STEP_MS = 30_000
const DIGITS = 6
/** RFC 4226, 4: 160 bits. */
export const SECRET_BYTES = 20
/** RFC 6238, 5.2: one step to either side, for clocks and for who types slowly. */
const TOLERANCE = 1
/** So far back a code is still known for what it is, one of a phone whose clock is slow; none of them is ever taken. */
const KNOWN_BACK = 10

export function stepAt(now: number): number {
  return Math.floor(now / STEP_MS)
}

export function codeAt(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', secret).update(counter).digest()
  const from = mac[mac.length - 1]! & 0xf
  const number = mac.readUInt32BE(from) & 0x7fffffff
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0')
}

export type CodeCheck = { kind: 'right'; step: number } | { kind: 'wrong' | 'used' | 'late' }

/** Whether it is the code of about now, later than the last one that was taken. All that it may be are computed, whichever it is. */
export function checkCode(secret: Uint8Array, code: string, now: number, lastStep: number): CodeCheck {
  const given = Buffer.from(code)
  const current = stepAt(now)
  let found: number | undefined
  for (let step = current - KNOWN_BACK; step <= current + TOLERANCE; step++) {
    const right = Buffer.from(codeAt(secret, step))
    if (given.length === right.length && timingSafeEqual(given, right)) found = step
  }
  if (found === undefined) return { kind: 'wrong' }
  if (found < current - TOLERANCE) return { kind: 'late' }
  return found > lastStep ? { kind: 'right', step: found } : { kind: 'used' }
}

/** As typed: full-width digits of a Chinese keyboard, spaces and hyphens are the same code. */
export function typedCode(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\s\u200b-\u200d\ufeff-]/g, '')
    .toLowerCase()
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** RFC 4648 without padding; `bytes` in fives, so that there is none. */
export function base32(bytes: Uint8Array): string {
  let [text, bits, held] = ['', 0, 0]
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xffff
    for (bits += 8; bits >= 5; bits -= 5) text += BASE32[(held >> (bits - 5)) & 31]
  }
  return text
}

/** What the app reads from the picture. Source: github.com/google/google-authenticator, "Key Uri Format". */
export function enrolmentUri(secret: string, username: string, issuer: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(username)}`
  return `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent(issuer)}&algorithm=SHA1&digits=6&period=30`
}

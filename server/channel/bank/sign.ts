import { createHash } from 'node:crypto'
import { sm2 } from 'sm-crypto-v2'

/**
 * SM2-with-SM3 signatures of the bank channel (docs/bank-channel.md): what is signed, by whom, and how it is checked.
 * Both ends use this file: the channel, and the sandbox bank as its counterpart.
 */

/** Header names, in lower case as node and undici hand them over. */
export const HEADER = {
  keyId: 'fapai-key-id',
  timestamp: 'fapai-timestamp',
  nonce: 'fapai-nonce',
  signature: 'fapai-signature',
} as const

/** How far the other side's clock may be off. A request's nonce must be remembered for as long as its timestamp passes. */
export const CLOCK_WINDOW_MS = 5 * 60_000

const VERSION = 'fapai-sm2-v1'
const NONCE = /^[0-9a-f]{32}$/
const TIMESTAMP = /^\d{13}$/
const SIGNATURE = /^[0-9a-f]{128}$/
/** The order of the SM2 curve; r and s lie in [1, n − 1], which the library doesn't check for r. */
const ORDER = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n

/** Signs a text: 128 hex characters, r then s. */
export type Sign = (text: string) => string
/** True when the text was signed by the holder of the key. Never throws, whatever the signature holds. */
export type Verify = (text: string, signature: string) => boolean
/** Closes an envelope: SM2 (GB/T 32918.4), C1 ‖ C3 ‖ C2 in lower-case hex, C1 with its 04. */
export type Encrypt = (text: string) => string
/** Opens one; undefined when it isn't ours to open, or was touched. */
export type Decrypt = (envelope: string) => string | undefined

interface Signed {
  method: string
  /** path and query, as they stand on the wire */
  path: string
  /** ms since the epoch */
  timestamp: string
  /** the request's nonce, in its reply as well: a reply answers one request only */
  nonce: string
  body: Uint8Array | string
}

export function requestText(request: Signed): string {
  const { method, path, timestamp, nonce, body } = request
  return [VERSION, 'request', method, path, timestamp, nonce, sm3Hex(body)].join('\n')
}

export function replyText(reply: Signed & { status: number }): string {
  const { method, path, status, timestamp, nonce, body } = reply
  return [VERSION, 'reply', method, path, status, timestamp, nonce, sm3Hex(body)].join('\n')
}

/** A login ticket of the bank's app; nothing else that it signs begins like this. */
export function ticketText(body: string): string {
  return [VERSION, 'login-ticket', body].join('\n')
}

/** @param privateKey 64 hex characters */
export function signer(privateKey: string): Sign {
  const digest = digestFor(publicKeyOf(privateKey))
  return (text) => sm2.doSignature(digest(text), privateKey)
}

const verifiers = new Map<string, Verify>()

/** The same for the same key: to make one costs as much as some fifty signatures. @param publicKey 130 hex characters: 04, x, y */
export function verifier(publicKey: string): Verify {
  const verify = verifiers.get(publicKey) ?? newVerifier(publicKey)
  verifiers.set(publicKey, verify)
  return verify
}

function newVerifier(publicKey: string): Verify {
  const digest = digestFor(publicKey)
  // A precomputed point makes a check 0.5 ms; decoding the key each time made it 3.4 ms.
  const point = sm2.precomputePublicKey(publicKey)
  return (text, signature) => {
    if (!SIGNATURE.test(signature)) return false
    if (!inRange(signature.slice(0, 64)) || !inRange(signature.slice(64))) return false
    try {
      return sm2.doVerifySignature(digest(text), signature, point)
    } catch {
      return false // r + s = n: the library's multiplication refuses the zero
    }
  }
}

/** As the library calls C1 ‖ C3 ‖ C2. */
const C1C3C2 = 1
/** C1 and C3 alone have 97 bytes; what a payer types, and its numbers, come to under a kilobyte. */
const ENVELOPE = /^04[0-9a-f]{194,8192}$/

/** @param publicKey 130 hex characters: 04, x, y */
export function encrypter(publicKey: string): Encrypt {
  // The library leaves the 04 out, and takes none.
  return (text) => `04${sm2.doEncrypt(text, publicKey, C1C3C2)}`
}

/** @param privateKey 64 hex characters */
export function decrypter(privateKey: string): Decrypt {
  return (envelope) => {
    if (!ENVELOPE.test(envelope)) return undefined
    try {
      return sm2.doDecrypt(envelope.slice(2), privateKey, C1C3C2, { output: 'string' }) || undefined
    } catch {
      return undefined
    }
  }
}

/** @param privateKey 64 hex characters */
export function publicKeyOf(privateKey: string): string {
  return sm2.getPublicKeyFromPrivateKey(privateKey)
}

/** The name of a public key: the first 16 hex characters of its SM3. Both ends can tell it, and nobody has to configure it. */
export function keyIdOf(publicKey: string): string {
  return createHash('sm3').update(Buffer.from(publicKey, 'hex')).digest('hex').slice(0, 16)
}

/** Of somebody with several keys: the one that signed is named beside the signature. A name of none verifies nothing. */
export function verifierOfAny(
  publicKeys: readonly string[],
): (keyId: unknown, ...signed: Parameters<Verify>) => boolean {
  const byId = new Map(publicKeys.map((key) => [keyIdOf(key), verifier(key)]))
  return (keyId, text, signature) => byId.get(String(keyId))?.(text, signature) ?? false
}

export function isNonce(value: unknown): value is string {
  return typeof value === 'string' && NONCE.test(value)
}

/** True for ms since the epoch, as a header holds them. */
export function isTimestamp(value: unknown): value is string {
  return typeof value === 'string' && TIMESTAMP.test(value)
}

/** True for a timestamp within the clock window. */
export function isTimely(value: unknown, nowMs: number): value is string {
  return isTimestamp(value) && Math.abs(nowMs - Number(value)) <= CLOCK_WINDOW_MS
}

export interface KeyPair {
  /** 64 hex characters */
  privateKey: string
  /** 130 hex characters, uncompressed */
  publicKey: string
}

/** The two key pairs of a sandbox's channel: the platform's own, and the bank's. */
export function generateBankKeys(): { client: KeyPair; bank: KeyPair } {
  return { client: sm2.generateKeyPairHex(), bank: sm2.generateKeyPairHex() }
}

/** True for a point of the curve, uncompressed. */
export function isPublicKey(value: string): boolean {
  if (!/^04[0-9a-f]{128}$/i.test(value)) return false
  try {
    return sm2.verifyPublicKey(value)
  } catch {
    return false
  }
}

/** True for a private key in [1, n − 2], as SM2 asks: 1 + d must have an inverse. */
export function isPrivateKey(value: string): boolean {
  return /^[0-9a-f]{64}$/i.test(value) && inRange(value) && BigInt(`0x${value}`) !== ORDER - 1n
}

/**
 * e = SM3(Z | text), with Z of the default user id `1234567812345678` (GB/T 32918.2). Z belongs to the key, so it is
 * made once; node's own SM3 is three times as fast as the library's.
 */
function digestFor(publicKey: string): (text: string) => Uint8Array {
  const z = Uint8Array.from(sm2.getZ(publicKey))
  return (text) => createHash('sm3').update(z).update(text).digest()
}

function sm3Hex(body: Uint8Array | string): string {
  return createHash('sm3').update(body).digest('hex')
}

function inRange(hex: string): boolean {
  const value = BigInt(`0x${hex}`)
  return value > 0n && value < ORDER
}

/** About 100 MB at the most. A timestamp passes for ten minutes in all, so this is 1,600 requests a second. */
const MAX_NONCES = 1_000_000
const MINUTE_MS = 60_000

/**
 * The nonces of requests whose timestamp still passes, by the minute of their timestamp. When there are too many, the
 * oldest minute is forgotten and its timestamps pass no more: bounded memory never lets a request through twice.
 */
export class Nonces {
  private readonly minutes = new Map<number, Set<string>>()
  private count = 0
  private firstMinute = 0

  constructor(private readonly max = MAX_NONCES) {}

  isNew(nonce: string, timestampMs: number, nowMs: number): boolean {
    this.forgetBefore(Math.floor((nowMs - CLOCK_WINDOW_MS) / MINUTE_MS))
    const minute = Math.floor(timestampMs / MINUTE_MS)
    if (minute < this.firstMinute) return false
    const seen = this.minutes.get(minute) ?? new Set()
    if (seen.has(nonce)) return false
    this.minutes.set(minute, seen.add(nonce))
    this.count++
    while (this.count > this.max) this.forgetBefore(Math.min(...this.minutes.keys()) + 1)
    return true
  }

  private forgetBefore(minute: number): void {
    if (minute <= this.firstMinute) return
    this.firstMinute = minute
    for (const [at, seen] of this.minutes) {
      if (at >= minute) continue
      this.count -= seen.size
      this.minutes.delete(at)
    }
  }
}

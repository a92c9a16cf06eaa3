import type { IncomingHttpHeaders } from 'node:http'
import { CLOCK_WINDOW_MS, HEADER, isNonce, isTimely, requestText, verifier } from '../../channel/bank/sign'

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

import { seal, unseal } from '../domain/seal'
import { iso } from './present/iso'
import { HttpProblem } from './problem'
import type { Actor } from './route'

interface Claims {
  kind: Actor['kind']
  sub: string
  /** a payer's platform */
  via?: string
  /** when a merchant's user logged in */
  iat?: number
  exp: number
}

const PURPOSE = 'session'

/**
 * Tokens verified lately are remembered: a payer who types sends the same one with every quote, and verifying it was a
 * seventh of a quote's CPU. 10,000 are some 5 MB and a busy minute's payers; the oldest leaves.
 */
const MAX_REMEMBERED = 10_000

/** Whom a token was issued to: an operator's names the session, that of a bound merchant user the binding. */
export type Bearer =
  | Extract<Actor, { kind: 'payer' }>
  | { kind: 'merchant'; merchantCode: string; bindingId?: number }
  | { kind: 'operator'; sessionId: string }

/** A bearer, since when and until when they are, ms since the epoch; 0: the token doesn't say since when. */
export interface Held {
  bearer: Bearer
  issuedAt: number
  expiresAt: number
}

export interface Tokens {
  issue(bearer: Bearer, now: number, ttlMs?: number): { token: string; expiresAt: string }
  /** The bearer of an Authorization header or a bare token. Problems: token-missing, token-invalid, token-expired. */
  read(token: string | undefined, now: number): Bearer
  /** The same, with when it began and ends: for what stays open, and for what a session must be new for. */
  readHeld(token: string | undefined, now: number): Held
}

/** Short-lived session tokens: sealed claims, no state on the server. */
export function tokens(key: Uint8Array, ttlMs: number): Tokens {
  const remembered = new Map<string, Claims>()

  /** What a token claims never changes, so only whether it has expired is asked anew. */
  function claimsOf(token: string): Claims | undefined {
    const known = remembered.get(token)
    if (known) return known
    const claims = unseal(key, PURPOSE, token) as Claims | undefined
    if (claims) remembered.set(token, claims)
    if (remembered.size > MAX_REMEMBERED) remembered.delete(remembered.keys().next().value!)
    return claims
  }

  function liveClaims(token: string | undefined, now: number): Claims {
    if (!token) throw new HttpProblem('token-missing')
    const claims = claimsOf(token)
    if (!claims) throw new HttpProblem('token-invalid')
    if (claims.exp <= now) throw new HttpProblem('token-expired')
    return claims
  }

  return {
    issue(bearer, now, ownTtlMs = ttlMs) {
      const via = bearer.kind === 'payer' && bearer.platform !== undefined ? { via: bearer.platform } : {}
      const since = bearer.kind === 'merchant' ? { iat: now } : {}
      const claims: Claims = { kind: bearer.kind, sub: subjectOf(bearer), ...via, ...since, exp: now + ownTtlMs }
      return { token: seal(key, PURPOSE, claims), expiresAt: iso(claims.exp) }
    },
    read: (token, now) => bearerOf(liveClaims(token, now)),
    readHeld(token, now) {
      const claims = liveClaims(token, now)
      return { bearer: bearerOf(claims), issuedAt: claims.iat ?? 0, expiresAt: claims.exp }
    },
  }
}

function subjectOf(bearer: Bearer): string {
  switch (bearer.kind) {
    case 'payer':
      return bearer.payerId
    case 'merchant':
      // no merchant code has a #
      return bearer.bindingId === undefined ? bearer.merchantCode : `${bearer.merchantCode}#${bearer.bindingId}`
    case 'operator':
      return bearer.sessionId
  }
}

function bearerOf({ kind, sub, via }: Claims): Bearer {
  switch (kind) {
    case 'payer':
      return { kind, payerId: sub, ...(via !== undefined && { platform: via }) }
    case 'merchant': {
      const [merchantCode = '', bindingId] = sub.split('#')
      return { kind, merchantCode, ...(bindingId !== undefined && { bindingId: Number(bindingId) }) }
    }
    case 'operator':
      return { kind, sessionId: sub }
  }
}

/** `Bearer x` → `x`; anything else → undefined. */
export function bearer(header: string | undefined): string | undefined {
  const match = /^Bearer ([\w.-]+)$/i.exec(header ?? '')
  return match?.[1]
}

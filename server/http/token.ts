import { seal, unseal } from '../domain/seal'
import { HttpProblem } from './problem'
import type { Actor } from './route'

interface Claims {
  kind: Actor['kind']
  sub: string
  exp: number
}

const PURPOSE = 'session'

/**
 * Tokens verified lately are remembered: a payer who types sends the same one with every quote, and verifying it was a
 * seventh of a quote's CPU. 10,000 are some 5 MB and a busy minute's payers; the oldest leaves.
 */
const MAX_REMEMBERED = 10_000

export interface Tokens {
  issue(actor: Actor, now: number): { token: string; expiresAt: string }
  /** The actor of an Authorization header or a bare token. Problems: token-missing, token-invalid, token-expired. */
  read(token: string | undefined, now: number): Actor
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

  return {
    issue(actor, now) {
      const sub = actor.kind === 'payer' ? actor.payerId : actor.merchantCode
      const claims: Claims = { kind: actor.kind, sub, exp: now + ttlMs }
      return { token: seal(key, PURPOSE, claims), expiresAt: new Date(claims.exp).toISOString() }
    },
    read(token, now) {
      if (!token) throw new HttpProblem('token-missing')
      const claims = claimsOf(token)
      if (!claims) throw new HttpProblem('token-invalid')
      if (claims.exp <= now) throw new HttpProblem('token-expired')
      return claims.kind === 'payer'
        ? { kind: 'payer', payerId: claims.sub }
        : { kind: 'merchant', merchantCode: claims.sub }
    },
  }
}

/** `Bearer x` → `x`; anything else → undefined. */
export function bearer(header: string | undefined): string | undefined {
  const match = /^Bearer ([\w.-]+)$/i.exec(header ?? '')
  return match?.[1]
}

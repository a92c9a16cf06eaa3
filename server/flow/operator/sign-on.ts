import { seal, unseal } from '../../domain/seal'
import { type SignOnMemo, SignOnUnavailable, type SingleSignOn } from '../ports'
import { type Ticket, ticketFor } from './login'
import type { FactorDeps } from './second-factor'

/** The way to the bank's single sign-on and back. What the browser must bring back it carries itself, sealed. */

export interface SignOnDeps extends FactorDeps {
  /** null: operators log in with passwords alone */
  singleSignOn: SingleSignOn | null
}

/** Long enough for a password and a second factor at the identity provider. */
export const MEMO_TTL_MS = 10 * 60_000

/** What people call it and whether it needs https; undefined where there is none. */
export function signOnOffered({ singleSignOn }: SignOnDeps): Pick<SingleSignOn, 'name' | 'secure'> | undefined {
  return singleSignOn ?? undefined
}

/** Where to send the browser, and what it must bring back within {@link MEMO_TTL_MS}. Undefined: the provider is away. */
export async function startSignOn(deps: SignOnDeps): Promise<{ url: string; memo: string } | undefined> {
  const started = await deps.singleSignOn?.start().catch(unavailable)
  if (!started) return undefined
  const exp = deps.clock.now() + MEMO_TTL_MS
  return { url: started.url, memo: seal(deps.loginKey, 'sign-on', { ...started.memo, exp }) }
}

export type SignOnResult =
  | ({ kind: 'ticket' } & Ticket)
  /** `sign-on-unknown`: it is somebody, and none of our operators */
  | { kind: 'refused'; code: 'sign-on-refused' | 'sign-on-unknown' | 'sign-on-unavailable' }

/** The browser is back with `query`, all of the callback's address from its question mark on. */
export async function finishSignOn(
  deps: SignOnDeps,
  query: string,
  sealedMemo: string | undefined,
): Promise<SignOnResult> {
  const memo = memoOf(deps, sealedMemo)
  if (!memo || !deps.singleSignOn) return { kind: 'refused', code: 'sign-on-refused' }
  const found = await deps.singleSignOn.finish(query, memo).then((known) => ({ known }), unavailable)
  if (!found) return { kind: 'refused', code: 'sign-on-unavailable' }
  if (!found.known) return { kind: 'refused', code: 'sign-on-refused' }
  const ticket = await ticketFor(deps, found.known)
  return ticket ? { kind: 'ticket', ...ticket } : { kind: 'refused', code: 'sign-on-unknown' }
}

function memoOf(deps: SignOnDeps, sealed: string | undefined): SignOnMemo | undefined {
  const memo = sealed ? (unseal(deps.loginKey, 'sign-on', sealed) as SignOnMemo & { exp: number }) : undefined
  return memo && memo.exp > deps.clock.now() ? memo : undefined
}

function unavailable(error: unknown): undefined {
  if (!(error instanceof SignOnUnavailable)) throw error
}

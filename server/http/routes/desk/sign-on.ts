import type Router from '@koa/router'
import type Koa from 'koa'
import { seal, unseal } from '../../../domain/seal'
import { ticketFor } from '../../../flow/operator/login'
import { type SignOnMemo, SignOnUnavailable, type SingleSignOn } from '../../../flow/ports'
import type { HttpDeps } from '../../deps'
import { HttpProblem } from '../../problem'

export const SIGN_ON_START = '/admin/oidc/start'
const CALLBACK = '/admin/oidc/callback'

/** Long enough for a password and a second factor at the identity provider. */
const MEMO_TTL_MS = 10 * 60_000
const COOKIE = 'fapai_sign_on'

/**
 * The browser's way to the identity provider and back (OpenID Connect, authorization code with PKCE). What it must bring
 * back is sealed in a cookie of its own; it ends at the console's log-in page with a ticket, or with why there is none.
 */
export function signOnRoutes(router: Router, deps: HttpDeps): void {
  const configured = () => {
    if (!deps.singleSignOn) throw new HttpProblem('not-found')
    return deps.singleSignOn
  }
  router.get(SIGN_ON_START, async (ctx) => {
    const singleSignOn = configured()
    const started = await singleSignOn.start().catch(unavailable)
    if (!started) throw new HttpProblem('sign-on-unavailable', { retryAfterS: 5 })
    const exp = deps.clock.now() + MEMO_TTL_MS
    setCookie(ctx, singleSignOn, seal(deps.loginKey, 'sign-on', { ...started.memo, exp }), MEMO_TTL_MS / 1_000)
    ctx.redirect(started.url)
  })
  router.get(CALLBACK, async (ctx) => {
    const singleSignOn = configured()
    const memo = memoOf(deps, ctx)
    setCookie(ctx, singleSignOn, '', 0)
    const { ticket, refused } = await comeBack(deps, singleSignOn, ctx.search, memo)
    ctx.redirect(`/#/console/login/index?${ticket ? `ticket=${ticket}` : `refused=${refused}`}`)
  })
}

type Outcome = { ticket?: string; refused?: 'sign-on-refused' | 'sign-on-unknown' | 'sign-on-unavailable' }

async function comeBack(
  deps: HttpDeps,
  singleSignOn: SingleSignOn,
  query: string,
  memo: SignOnMemo | undefined,
): Promise<Outcome> {
  if (!memo) return { refused: 'sign-on-refused' }
  const found = await singleSignOn.finish(query, memo).then((known) => ({ known }), unavailable)
  if (!found) return { refused: 'sign-on-unavailable' }
  if (!found.known) return { refused: 'sign-on-refused' }
  const ticket = await ticketFor(deps, found.known.subject)
  return ticket ? { ticket } : { refused: 'sign-on-unknown' }
}

function unavailable(error: unknown): undefined {
  if (!(error instanceof SignOnUnavailable)) throw error
}

function memoOf(deps: HttpDeps, ctx: Koa.Context): SignOnMemo | undefined {
  const sealed = ctx.cookies.get(COOKIE)
  const memo = sealed ? (unseal(deps.loginKey, 'sign-on', sealed) as SignOnMemo & { exp: number }) : undefined
  return memo && memo.exp > deps.clock.now() ? memo : undefined
}

/** `Lax`: it comes along when the provider sends the browser back, and with no request that another site makes behind it. */
function setCookie(ctx: Koa.Context, { secure }: SingleSignOn, value: string, maxAgeS: number): void {
  const attributes = `Path=/admin/oidc; HttpOnly; SameSite=Lax; Max-Age=${maxAgeS}${secure ? '; Secure' : ''}`
  ctx.set({ 'Cache-Control': 'no-store', 'Set-Cookie': `${COOKIE}=${value}; ${attributes}` })
}

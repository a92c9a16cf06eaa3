import type Router from '@koa/router'
import type Koa from 'koa'
import { finishSignOn, MEMO_TTL_MS, signOnOffered, startSignOn } from '../../../flow/operator/sign-on'
import type { HttpDeps } from '../../deps'
import { HttpProblem } from '../../problem'

export const SIGN_ON_START = '/admin/oidc/start'
const CALLBACK = '/admin/oidc/callback'

const COOKIE = 'fapai_sign_on'

/**
 * The browser's way to the identity provider and back (OpenID Connect, authorization code with PKCE). What it must bring
 * back is sealed in a cookie of its own; it ends at the console's log-in page with a ticket, or with why there is none.
 */
export function signOnRoutes(router: Router, deps: HttpDeps): void {
  const offered = () => {
    const found = signOnOffered(deps)
    if (!found) throw new HttpProblem('not-found')
    return found
  }
  router.get(SIGN_ON_START, async (ctx) => {
    const { secure } = offered()
    const started = await startSignOn(deps)
    if (!started) throw new HttpProblem('sign-on-unavailable', { retryAfterS: 5 })
    setCookie(ctx, secure, started.memo, MEMO_TTL_MS / 1_000)
    ctx.redirect(started.url)
  })
  router.get(CALLBACK, async (ctx) => {
    const { secure } = offered()
    const memo = ctx.cookies.get(COOKIE)
    setCookie(ctx, secure, '', 0)
    const result = await finishSignOn(deps, ctx.search, memo)
    const told = result.kind === 'ticket' ? `ticket=${result.ticket}` : `refused=${result.code}`
    ctx.redirect(`/#/console/login/index?${told}`)
  })
}

/** `Lax`: it comes along when the provider sends the browser back, and with no request that another site makes behind it. */
function setCookie(ctx: Koa.Context, secure: boolean, value: string, maxAgeS: number): void {
  const attributes = `Path=/admin/oidc; HttpOnly; SameSite=Lax; Max-Age=${maxAgeS}${secure ? '; Secure' : ''}`
  ctx.set({ 'Cache-Control': 'no-store', 'Set-Cookie': `${COOKIE}=${value}; ${attributes}` })
}

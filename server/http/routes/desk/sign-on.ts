import type Router from '@koa/router'
import type Koa from 'koa'
import { TICKET_TTL_MS } from '../../../flow/operator/login'
import { finishSignOn, MEMO_TTL_MS, signOnOffered, startSignOn } from '../../../flow/operator/sign-on'
import { type CookieKind, cookieLine, cookieName } from '../../cookie'
import type { HttpDeps } from '../../deps'
import { admitAnybody } from '../../limited'
import { HttpProblem } from '../../problem'

export const SIGN_ON_START = '/admin/oidc/start'
const CALLBACK = '/admin/oidc/callback'

/** What the browser must bring back from the provider, sealed. `Lax`: it comes along when the provider sends the browser back. */
const memoOf = (secure: boolean): CookieKind => ({ name: 'fapai_sign_on', sameSite: 'Lax', secure })

/** What it must bring beside the ticket, which stands in an address and may be seen by others. */
export const ticketCookie = (secure: boolean): CookieKind => ({ name: 'fapai_ticket', sameSite: 'Strict', secure })

/**
 * The browser's way to the identity provider and back (OpenID Connect, authorization code with PKCE); it ends at the console's log-in
 * page with a ticket, or with why there is none.
 */
export function signOnRoutes(router: Router, deps: HttpDeps): void {
  const offered = () => {
    const found = signOnOffered(deps)
    if (!found) throw new HttpProblem('not-found')
    return found
  }
  router.get(SIGN_ON_START, async (ctx) => {
    admitAnybody(deps, ctx, 'sign-on')
    const { secure } = offered()
    const started = await startSignOn(deps)
    if (!started) throw new HttpProblem('sign-on-unavailable', { retryAfterS: 5 })
    setCookies(ctx, cookieLine(memoOf(secure), started.memo, MEMO_TTL_MS / 1_000))
    ctx.redirect(started.url)
  })
  router.get(CALLBACK, async (ctx) => {
    admitAnybody(deps, ctx, 'sign-on')
    const { secure } = offered()
    const memo = memoOf(secure)
    const result = await finishSignOn(deps, ctx.search, ctx.cookies.get(cookieName(memo)))
    const spent = cookieLine(memo, '', 0)
    if (result.kind === 'ticket') {
      setCookies(ctx, spent, cookieLine(ticketCookie(secure), result.secret, TICKET_TTL_MS / 1_000))
      return ctx.redirect(`/#/console/login/index?ticket=${result.ticket}`)
    }
    setCookies(ctx, spent)
    ctx.redirect(`/#/console/login/index?refused=${result.code}`)
  })
}

function setCookies(ctx: Koa.Context, ...lines: string[]): void {
  ctx.set('Cache-Control', 'no-store')
  ctx.set('Set-Cookie', lines)
}

import type Router from '@koa/router'
import type Koa from 'koa'
import { z } from 'zod'
import {
  finishPageLogin,
  loginWay,
  MEMO_TTL_MS,
  pageLoginOffered,
  startPageLogin,
} from '../../../flow/payer/page-login'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'

/** Where a browser may be sent after its log-in: to a code of a counter, or a payer's page. Nowhere else, or we would lead anywhere. */
const OWN = /^\/(q\/[A-Za-z0-9_-]{1,32}|#\/pages\/(pay|result|rules)\/index\?[A-Za-z0-9_=&-]{1,200})?$/

/** The browser's memory of where it was sent, and with which state. */
const MEMO = 'fapai_login'
/** What the log-in came to, for the page, which takes it away: nothing of it ever stands in an address. */
const HANDED = 'fapai_session'
const HANDED_S = 60

/** How a page's person is known here. */
export function loginWayRoutes(deps: HttpDeps): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/login-way',
      summary: 'How a page’s person is known: by name in the sandbox, by the platform’s log-in, or not at all',
      actor: 'anyone',
      query: z.object({ platform: contract.platform }),
      reply: contract.loginWay,
      handle: async ({ query }) => ({ way: loginWay(deps, query.platform) }),
    }),
  ]
}

/** The browser's way to WeChat's web page authorisation and back. The code that it comes back with goes no further than this. */
export function pageLoginRoutes(router: Router, deps: HttpDeps): void {
  const offered = () => {
    const found = pageLoginOffered(deps)
    if (!found) throw new HttpProblem('not-found')
    return found
  }
  router.get('/login/wechat', (ctx) => {
    const { secure } = offered()
    const started = startPageLogin(deps, ownPath(ctx.query.to))
    if (!started) throw new HttpProblem('not-found')
    setCookies(ctx, secure, [`${MEMO}=${started.memo}; Path=/login; HttpOnly; Max-Age=${MEMO_TTL_MS / 1_000}`])
    ctx.redirect(started.url)
  })
  router.get('/login/wechat/back', async (ctx) => {
    const { secure } = offered()
    const given = { code: one(ctx.query.code), state: one(ctx.query.state) }
    const result = await finishPageLogin(deps, given, ctx.cookies.get(MEMO))
    const handed =
      result.kind === 'in'
        ? deps.tokens.issue({ kind: 'payer', payerId: result.payerId }, deps.clock.now())
        : { refused: result.code }
    setCookies(ctx, secure, [
      `${MEMO}=; Path=/login; HttpOnly; Max-Age=0`,
      `${HANDED}=${encodeURIComponent(JSON.stringify(handed))}; Path=/; Max-Age=${HANDED_S}`,
    ])
    ctx.redirect(result.to)
  })
}

function ownPath(to: string | string[] | undefined): string {
  if (typeof to !== 'string' || !OWN.test(to)) throw new HttpProblem('invalid-input', { field: 'to' })
  return to
}

const one = (value: string | string[] | undefined) => (typeof value === 'string' ? value : '')

/** `Lax`: it comes along when WeChat sends the browser back, and with no request that another site makes behind it. */
function setCookies(ctx: Koa.Context, secure: boolean, cookies: string[]): void {
  ctx.set('Cache-Control', 'no-store')
  ctx.set(
    'Set-Cookie',
    cookies.map((cookie) => `${cookie}; SameSite=Lax${secure ? '; Secure' : ''}`),
  )
}

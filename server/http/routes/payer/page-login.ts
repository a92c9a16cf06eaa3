import type Router from '@koa/router'
import type Koa from 'koa'
import { z } from 'zod'
import {
  finishPageLogin,
  loginWay,
  MEMO_TTL_MS,
  type PageLoginResult,
  pageLoginOffered,
  startPageLogin,
} from '../../../flow/payer/page-login'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { admitAnybody, isAdmitted } from '../../limited'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'

/** Where a browser may be sent after its log-in: to a code of a counter, or a payer's page. Nowhere else, or we would lead anywhere. */
const OWN = /^\/(q\/[A-Za-z0-9_-]{1,32}|#\/pages\/[a-z-]{1,20}\/index(\?[A-Za-z0-9_=&.-]{1,200})?)?$/

/**
 * The browser's memory of where it was sent, and with which state; and what the log-in came to, for the page, which takes it away:
 * nothing of it ever stands in an address. Over https both are the host's alone: another host of the same domain could otherwise put
 * its own in front, and a payer would be logged in as somebody else.
 */
const cookieOf = (name: 'fapai_login' | 'fapai_session', secure: boolean) => (secure ? `__Host-${name}` : name)
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
      async handle({ query }) {
        const found = loginWay(deps, query.platform)
        return { way: found.way, page: found.way === 'page' ? `/login/${found.word}` : null }
      },
    }),
  ]
}

/** The browser's way to a platform's page and back. The code that it comes back with goes no further than this. */
export function pageLoginRoutes(router: Router, deps: HttpDeps): void {
  const offered = (word: string) => {
    const found = pageLoginOffered(deps, word)
    if (!found) throw new HttpProblem('not-found')
    return found
  }
  router.get('/login/:word', (ctx) => {
    const word = one(ctx.params.word)
    const { secure } = offered(word)
    const to = ownPath(ctx.query.to)
    if (!isAdmitted(deps, ctx, 'page-log-in')) return handBack(ctx, secure, { refused: 'too-many-requests' }, to)
    const started = startPageLogin(deps, word, to)
    if (!started) throw new HttpProblem('not-found')
    const name = cookieOf('fapai_login', secure)
    setCookies(ctx, secure, [`${name}=${started.memo}; HttpOnly; Max-Age=${MEMO_TTL_MS / 1_000}`])
    ctx.redirect(started.url)
  })
  router.get('/login/:word/back', async (ctx) => {
    admitAnybody(deps, ctx, 'page-log-in-back')
    const word = one(ctx.params.word)
    const { secure, codeName, codeOf } = offered(word)
    const told = one(ctx.query[codeName])
    const code = codeOf ? codeOf(told, ctx.get('user-agent')) : told
    const given = { word, code, state: one(ctx.query.state), origin: deps.callerOf(ctx.req) }
    const memo = cookieOf('fapai_login', secure)
    const result = await finishPageLogin(deps, given, ctx.cookies.get(memo))
    handBack(ctx, secure, handedOf(deps, result), result.to, [`${memo}=; HttpOnly; Max-Age=0`])
  })
}

/** Back to the page, with what it takes away. */
function handBack(ctx: Koa.Context, secure: boolean, handed: object, to: string, cookies: string[] = []): void {
  const text = encodeURIComponent(JSON.stringify(handed))
  setCookies(ctx, secure, [...cookies, `${cookieOf('fapai_session', secure)}=${text}; Max-Age=${HANDED_S}`])
  ctx.redirect(to)
}

/** A payer's session, a merchant's user's login code, or the code of a refusal. */
function handedOf(deps: HttpDeps, result: PageLoginResult): object {
  switch (result.kind) {
    case 'in':
      return deps.tokens.issue({ kind: 'payer', payerId: result.payerId, platform: result.platform }, deps.clock.now())
    case 'told':
      return { code: result.code, expiresAt: new Date(result.expiresAt).toISOString() }
    case 'refused':
      return { refused: result.code }
  }
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
    cookies.map((cookie) => `${cookie}; Path=/; SameSite=Lax${secure ? '; Secure' : ''}`),
  )
}

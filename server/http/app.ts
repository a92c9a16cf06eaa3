import Router from '@koa/router'
import Koa from 'koa'
import serve from 'koa-static'
import { ChannelUnavailable, LedgerUnavailable, SlotsUnavailable } from '../flow/ports'
import { readJson } from './body'
import { idempotencyKey } from './contract'
import type { HttpDeps } from './deps'
import { httpMetrics } from './metrics'
import { openapi } from './openapi'
import { HttpProblem } from './problem'
import { parse, type Route } from './route'
import { healthRoutes } from './routes/health'
import { merchantRoutes } from './routes/merchant'
import { notifyRoutes } from './routes/notify'
import { payerRoutes } from './routes/payer'
import { refundRoutes } from './routes/refund'
import { scanRoutes } from './routes/scan'
import { shopRoutes } from './routes/shop'
import { bearer } from './token'

/** The BFF. The order of the lines is the architecture: measure, protect, write errors, route, then the pages. */
export function createApp(deps: HttpDeps): Koa {
  const app = new Koa()
  const router = new Router()
  const routes = [...shopRoutes(deps), ...payerRoutes(deps), ...merchantRoutes(deps), ...refundRoutes(deps)]
  for (const one of routes) router.register(one.path, [one.method], handler(deps, one))
  const document = openapi(routes)
  router.get('/openapi.json', (ctx) => {
    ctx.body = document
  })
  healthRoutes(router, deps)
  notifyRoutes(router, deps)
  scanRoutes(router)

  app.use(httpMetrics())
  app.use(securityHeaders)
  app.use(errorWriter(deps))
  app.use(router.routes())
  app.use(notAllowed(router))
  app.use(serve(deps.h5Dir, { maxage: 0, setHeaders: cacheForever }))
  return app
}

function handler(deps: HttpDeps, spec: Route): Koa.Middleware {
  return async (ctx) => {
    ctx.set('Cache-Control', 'no-store')
    const actor =
      spec.actor === 'anyone' ? undefined : deps.tokens.read(bearer(ctx.get('Authorization')), deps.clock.now())
    if (actor && actor.kind !== spec.actor) throw new HttpProblem('role-refused')
    if (spec.idempotent && !ctx.get('Idempotency-Key'))
      throw new HttpProblem('idempotency-key-missing', { field: 'Idempotency-Key' })
    const key = spec.idempotent ? parse(idempotencyKey, ctx.get('Idempotency-Key'), 'Idempotency-Key') : ''
    const body = await spec.handle({
      actor,
      params: parse(spec.params, ctx.params),
      query: spec.query && parse(spec.query, { ...ctx.query }),
      body: spec.body && parse(spec.body, await readJson(ctx.req)),
      idempotencyKey: key as string,
    })
    ctx.status = spec.status ?? 200
    ctx.body = body
  }
}

/** No script, frame or connection but our own; the WebSocket is same-origin too. */
const CSP =
  "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"

const securityHeaders: Koa.Middleware = async (ctx, next) => {
  ctx.set({
    'Content-Security-Policy': CSP,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Strict-Transport-Security': 'max-age=31536000',
  })
  await next()
}

/** The one place that writes errors: RFC 9457, a stable code, nothing of the inside. */
function errorWriter(deps: HttpDeps): Koa.Middleware {
  return async (ctx, next) => {
    try {
      await next()
      if (ctx.status === 404 && ctx.body == null) throw new HttpProblem('not-found')
    } catch (error) {
      const problem = toProblem(error)
      if (problem.status >= 500) logFault(deps, problem, error, ctx)
      ctx.status = problem.status
      ctx.type = 'application/problem+json'
      const { retryAfterS } = problem.more
      if (retryAfterS !== undefined) ctx.set('Retry-After', String(retryAfterS))
      if (problem.status === 401) ctx.set('WWW-Authenticate', 'Bearer')
      ctx.body = JSON.stringify(problem.body())
    }
  }
}

/** A refusal we give on purpose needs no stack, and during an outage there is one for every payer. */
function logFault(deps: HttpDeps, problem: HttpProblem, error: unknown, { method, path }: Koa.Context): void {
  if (problem.code === 'internal') deps.log.error({ err: error, method, path }, problem.code)
  else deps.log.warn({ reason: (error as Error).message, method, path }, problem.code)
}

function toProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error
  // A failover of PostgreSQL or Redis takes seconds; a second is the least that is worth waiting.
  if (error instanceof LedgerUnavailable) return new HttpProblem('ledger-unavailable', { retryAfterS: 2 })
  if (error instanceof SlotsUnavailable) return new HttpProblem('busy', { retryAfterS: 1 })
  if (error instanceof ChannelUnavailable) return new HttpProblem('channel-unavailable', { retryAfterS: 2 })
  if (isHttpError(error) && error.status < 500)
    return new HttpProblem(error.status === 404 ? 'not-found' : 'invalid-input', { detail: 'the address is malformed' })
  return new HttpProblem('internal')
}

/** Koa, its router and koa-static throw http-errors, e.g. for a path that can't be decoded. */
function isHttpError(error: unknown): error is { status: number } {
  return typeof error === 'object' && error !== null && typeof (error as { status?: unknown }).status === 'number'
}

function notAllowed(router: Router): Koa.Middleware {
  return async (ctx, next) => {
    const { path } = router.match(ctx.path, ctx.method)
    const methods = [...new Set(path.flatMap((layer) => layer.methods))]
    if (methods.length > 0 && !methods.includes(ctx.method)) {
      ctx.set('Allow', methods.join(', '))
      throw new HttpProblem('method-not-allowed')
    }
    await next()
  }
}

/** Built files carry a hash of their content in their names; the page itself is asked for each time. */
function cacheForever(response: { setHeader(name: string, value: string): unknown }, path: string): void {
  const hashed = /\.[0-9a-f]{8,}\.(js|css)$/.test(path)
  response.setHeader('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
}

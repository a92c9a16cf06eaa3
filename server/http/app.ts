import type { IncomingMessage, ServerResponse } from 'node:http'
import Router from '@koa/router'
import Koa from 'koa'
import { whenOver } from '../serve/over'
import { actorOf } from './actor'
import { readCsv, readJson, readOptionalJson } from './body'
import { idempotencyKey } from './contract'
import type { HttpDeps } from './deps'
import { openapiDocument } from './document'
import { errorsOfAnswers, errorWriter } from './error-writer'
import { securityHeaders } from './headers'
import { health } from './health'
import { ledgersTime } from './ledgers-time'
import { admit, admitRepeats, type Who } from './limited'
import { httpMetrics } from './metrics'
import { packed } from './packed'
import { openPages } from './pages'
import { HttpProblem } from './problem'
import { logRequests, numberRequests } from './request-log'
import { type Actor, parse, type Route, Stream } from './route'
import { notifyRoutes } from './routes/channel/notify'
import { receiptRoutes } from './routes/channel/receipt'
import { campaignRoutes } from './routes/desk/campaign'
import { changeRoutes } from './routes/desk/change'
import { deskRoutes } from './routes/desk/desk'
import { operatorRoutes } from './routes/desk/operator'
import { secondFactorRoutes } from './routes/desk/second-factor'
import { sessionRoutes } from './routes/desk/session'
import { signOnRoutes } from './routes/desk/sign-on'
import { healthRoutes } from './routes/health'
import { merchantRoutes } from './routes/merchant/merchant'
import { messageRoutes } from './routes/merchant/messages'
import { makePayCodeRoutes } from './routes/merchant/pay-code'
import { periodRoutes } from './routes/merchant/period'
import { refundRoutes } from './routes/merchant/refund'
import { staffRoutes } from './routes/merchant/staff'
import { agreementRoutes } from './routes/payer/agreement'
import { confirmRoutes } from './routes/payer/confirm'
import { deckRoutes } from './routes/payer/deck'
import { loginWayRoutes, pageLoginRoutes } from './routes/payer/page-login'
import { payCodeRoutes } from './routes/payer/pay-code'
import { payerRoutes } from './routes/payer/payer'
import { scanRoutes } from './routes/payer/scan'
import { shopRoutes } from './routes/payer/shop'
import { payerSumRoutes } from './routes/payer/sums'
import { verificationRoutes } from './routes/payer/verification'
import { type Turns, turns } from './turns'

/** Every address of the JSON API, whoever it is for. */
export function apiRoutes(deps: HttpDeps): Route[] {
  return [
    ...shopRoutes(deps),
    ...loginWayRoutes(deps),
    ...payerRoutes(deps),
    ...payCodeRoutes(deps),
    ...payerSumRoutes(deps),
    ...confirmRoutes(deps),
    ...agreementRoutes(deps),
    ...merchantRoutes(deps),
    ...makePayCodeRoutes(deps),
    ...messageRoutes(deps),
    ...periodRoutes(deps),
    ...staffRoutes(deps),
    ...refundRoutes(deps),
    ...deckRoutes(deps),
    ...sessionRoutes(deps),
    ...secondFactorRoutes(deps),
    ...operatorRoutes(deps),
    ...deskRoutes(deps),
    ...campaignRoutes(deps),
    ...changeRoutes(deps),
  ]
}

/** The BFF. The order of the lines is the architecture: number and measure, protect, write errors, route, then the pages. */
export function createApp(deps: HttpDeps): Koa {
  const app = new Koa()
  app.on('error', errorsOfAnswers(deps))
  const router = new Router()
  const dear = turns()
  const pages = openPages(deps.h5Dir, deps.publicUrl)
  const routes = apiRoutes(deps).map((one) => ({ ...one, run: handler(deps, dear, one) }))
  for (const { path, method, run } of routes) router.register(path, [method], run)
  openapiDocument(router, routes, deps.operationsApart)
  if (!deps.operationsApart) healthRoutes(router, health(deps))
  notifyRoutes(router, deps)
  receiptRoutes(router, deps)
  verificationRoutes(router, deps)
  scanRoutes(router, pages)
  pageLoginRoutes(router, deps)
  signOnRoutes(router, deps)

  app.use(numberRequests(deps.isOurProxy))
  app.use(logRequests(deps))
  app.use(httpMetrics())
  app.use(securityHeaders)
  app.use(ledgersTime(deps))
  app.use(errorWriter(deps))
  app.use(straightTo(routes))
  app.use(router.routes())
  app.use(notAllowed(router))
  app.use(pages.serve)
  return app
}

function handler(deps: HttpDeps, dear: Turns, spec: Route): Koa.Middleware {
  return async (ctx) => {
    ctx.set('Cache-Control', 'no-store')
    ctx.status = spec.status ?? 200
    ctx.state.desk = spec.actor === 'operator'
    const caller = deps.callerOf(ctx.req)
    let signal: AbortSignal | undefined
    const left = () => {
      signal ??= gone(ctx.res)
      return signal
    }
    const actor = spec.actor === 'anyone' ? undefined : await actorOf(deps, spec, ctx.get('Authorization'))
    ctx.state.actor = actor
    const sentKey = spec.idempotent ? ctx.get('Idempotency-Key') : ''
    if (spec.idempotent === true && !sentKey)
      throw new HttpProblem('idempotency-key-missing', { field: 'Idempotency-Key' })
    const key = sentKey && parse(idempotencyKey, sentKey, 'Idempotency-Key')
    const repeats = admitted(deps, spec, ctx.res, { caller, actor }, key as string)
    if (repeats) await repeats
    // Before its body is read: what waits keeps nothing in memory.
    if (spec.dear && actor?.kind === 'operator') whenOver(ctx.res, await dear(actor.username, left()))
    const body = await spec.handle({
      actor,
      caller,
      params: parse(spec.params, ctx.params),
      query: spec.query && parse(spec.query, { ...ctx.query }),
      body:
        spec.body && parse(spec.body, await (spec.bodyOptional ? readOptionalJson : readJson)(ctx.req, spec.jsonBytes)),
      csv: spec.csv && (await fileRead(deps, spec, actor, ctx.req, left())),
      idempotencyKey: key as string,
      ifMatch: spec.ifMatch ? ifMatch(ctx.get('If-Match')) : NO_REVISION,
      signal: left,
      cookie: (name) => ctx.cookies.get(name),
      reply({ etag, status, cookies }) {
        if (etag !== undefined) ctx.set('ETag', `"${etag}"`)
        if (status) ctx.status = status
        if (cookies) ctx.set('Set-Cookie', cookies)
      },
    })
    if (body instanceof Stream) return send(ctx, spec, body)
    ctx.state.orderNo = (body as { orderNo?: string } | undefined)?.orderNo
    ctx.body = ctx.state.desk ? await packed(ctx, body) : body
  }
}

/** Nothing to wait for, but where whoever may not go on may have asked the same before. Problem: too-many-requests. */
function admitted({ limiter }: HttpDeps, spec: Route, response: ServerResponse, who: Who, key: string) {
  if (spec.limit === null) return undefined
  const name = spec.limit ?? (spec.actor === 'anyone' ? 'open' : spec.actor)
  if (!spec.isRepeat) return void admit(limiter, response, name, who)
  return admitRepeats(limiter, response, name, who, () => spec.isRepeat!(who.actor, key))
}

async function fileRead(
  { work }: HttpDeps,
  { csv }: Route,
  actor: Actor | undefined,
  request: IncomingMessage,
  signal: AbortSignal,
) {
  if (actor?.kind !== 'operator') throw new Error('only operators send files')
  return work.run(csv!.read, await readCsv(request, csv!.bytes), { owner: actor.username, signal })
}

/** Aborted when the connection closes before the answer is written. */
function gone(response: ServerResponse): AbortSignal {
  const abort = new AbortController()
  whenOver(response, () => response.writableEnded || abort.abort())
  return abort.signal
}

function send(ctx: Koa.Context, spec: Route, { fileName, source, rows }: Stream): void {
  const text = spec.streams?.startsWith('text/') ? '; charset=utf-8' : ''
  ctx.type = `${spec.streams}${text}`
  if (rows !== null) ctx.set('X-Total-Count', String(rows))
  ctx.attachment(fileName)
  ctx.body = source
}

/** `"7"` → 7. A revision that isn't ours can match nothing; `*` names none, and whoever decides says what they saw. */
function ifMatch(header: string): number {
  if (!header || header === '*') throw new HttpProblem('precondition-missing', { field: 'If-Match' })
  return Number(/^(?:W\/)?"(\d{1,9})"$/.exec(header)?.[1] ?? NO_REVISION)
}

/** Revisions count from 1; a database takes this one, too. */
const NO_REVISION = -1

/** An address without a parameter is found by its name: a router tries one pattern after another, a tenth of a quote's work. */
function straightTo(routes: readonly (Pick<Route, 'method' | 'path'> & { run: Koa.Middleware })[]): Koa.Middleware {
  const plain = routes.filter(({ path }) => !path.includes(':'))
  const known = new Map(plain.map((one) => [`${one.method} ${one.path}`, one]))
  return (ctx, next) => {
    const one = known.get(`${ctx.method} ${ctx.path}`)
    if (!one) return next()
    ctx._matchedRoute = one.path
    return one.run(ctx, next)
  }
}

function notAllowed(router: Router): Koa.Middleware {
  return async (ctx, next) => {
    const layers = router.match(ctx.path, ctx.method).path
    const methods = [...new Set(layers.flatMap((layer) => layer.methods))]
    if (methods.length > 0 && !methods.includes(ctx.method)) {
      ctx.set('Allow', methods.join(', '))
      throw new HttpProblem('method-not-allowed')
    }
    await next()
  }
}

import type Koa from 'koa'
import { whenOver } from '../serve/over'
import { linesLeftOut } from '../sight/metrics'
import { REQUEST_ID, requestIdOf } from '../sight/request-id'
import { tracedRequest } from '../sight/traces'
import type { HttpDeps } from './deps'
import { routeOf } from './metrics'
import type { Actor } from './route'

/**
 * Gives each request its number, which its answer says; all that is done for it is logged under it. `isOurs`: whether a connection is from one of our
 * proxies, whose word on traces counts.
 */
export function numberRequests(isOurs: (address: string) => boolean = () => false): Koa.Middleware {
  return (ctx, next) => {
    const { headers, socket } = ctx.req
    const requestId = requestIdOf(headers)
    ctx.state.requestId = requestId
    ctx.res.setHeader(REQUEST_ID, requestId)
    const attributes = () => ({
      'http.request.method': ctx.method,
      'http.route': routeOf(ctx),
      'http.response.status_code': ctx.status,
    })
    const trusted = headers.traceparent !== undefined && isOurs(socket.remoteAddress ?? '')
    return tracedRequest(requestId, { method: ctx.method, headers, trusted, attributes }, next)
  }
}

/**
 * So many lines in a second, of each kind: ten million orders a day are some hundred requests a second to each of a few processes. What was refused is
 * anybody's to send, and strangers could fill a disk with it; so it can't keep out the others.
 */
const ANSWERED_A_SECOND = 1_000
const REFUSED_A_SECOND = 50

const LOOKED_AT = new Set(['/healthz', '/readyz', '/metrics'])

type Deps = Pick<HttpDeps, 'log' | 'callerOf' | 'clock' | 'elapsed' | 'logName'>

/**
 * The access log: a line for each answer, of whom by keyed hashes of the month, of what by its pattern. Nothing of it is an address, a payer, a
 * code or a token. Who hung up before the answer has none.
 */
export function logRequests(deps: Deps): Koa.Middleware {
  const { log, elapsed } = deps
  const answered = allowance(ANSWERED_A_SECOND, elapsed)
  const refused = allowance(REFUSED_A_SECOND, elapsed)
  return (ctx, next) => {
    if (!log.isLevelEnabled('info')) return next()
    const began = elapsed()
    const from = deps.callerOf(ctx.req).address
    whenOver(ctx.res, () => {
      if (!ctx.res.writableFinished || LOOKED_AT.has(routeOf(ctx))) return
      const may = ctx.status < 400 ? answered : refused
      if (may()) log.info(lineOf(deps, ctx, from, elapsed() - began), 'request')
      else linesLeftOut.inc({ what: 'access' })
    })
    return next()
  }
}

function lineOf({ logName, clock }: Deps, ctx: Koa.Context, from: string, ms: number): object {
  const { requestId, problem, actor, orderNo } = ctx.state
  const at = clock.now()
  return {
    requestId,
    method: ctx.method,
    route: routeOf(ctx),
    status: ctx.status,
    ms: Math.round(ms),
    ...(from !== 'unknown' && { from: logName('address', from, at) }),
    ...(actor && { actor: actor.kind, who: logName(actor.kind, idOf(actor), at) }),
    ...(typeof orderNo === 'string' && { orderNo }),
    ...(problem !== undefined && { problem }),
  }
}

function idOf(actor: Actor): string {
  switch (actor.kind) {
    case 'payer':
      return actor.payerId
    case 'merchant':
      return `${actor.merchantCode}#${actor.bindingId ?? ''}`
    case 'operator':
      return actor.username
  }
}

/** True so often in a second, by a clock that never jumps. */
function allowance(most: number, now: () => number): () => boolean {
  let second = Number.NaN
  let left = 0
  return () => {
    const is = Math.floor(now() / 1_000)
    if (is !== second) {
      second = is
      left = most
    }
    return left-- > 0
  }
}

import type Koa from 'koa'
import { LedgerBusy } from '../flow/ports'
import { kindOf, seldom } from '../sight/seldom'
import type { HttpDeps } from './deps'
import { problems, routeOf } from './metrics'
import { asksForPage, PROBLEM_PAGE_POLICY, problemPage } from './present/problem-page'
import { HttpProblem, problemOf } from './problem'

/** The one place that writes errors: RFC 9457, a stable code, nothing of the inside; to a person's browser a page. */
export function errorWriter(deps: Pick<HttpDeps, 'log'>): Koa.Middleware {
  return async (ctx, next) => {
    try {
      await next()
      if (ctx.status === 404 && ctx.body == null) throw new HttpProblem('not-found')
    } catch (error) {
      const problem = ctx.state.desk && error instanceof LedgerBusy ? deskBusy(error, ctx) : problemOf(error)
      problems.inc({ code: problem.code })
      ctx.state.problem = problem.code
      if (problem.status >= 500) logFault(deps, problem, error, ctx)
      ctx.status = problem.status
      const { retryAfterS } = problem.more
      if (retryAfterS !== undefined) ctx.set('Retry-After', String(retryAfterS))
      if (problem.status === 401) ctx.set('WWW-Authenticate', 'Bearer')
      // More of it may be on its way.
      if (problem.status === 413 || problem.status === 408) ctx.set('Connection', 'close')
      write(ctx, problem)
    }
  }
}

function write(ctx: Koa.Context, problem: HttpProblem): void {
  ctx.vary('Accept')
  if (!asksForPage(ctx.method, ctx.get('Accept'))) {
    ctx.type = 'application/problem+json'
    ctx.body = JSON.stringify(problem.body())
    return
  }
  ctx.set('Cache-Control', 'no-store')
  ctx.set('Content-Security-Policy', PROBLEM_PAGE_POLICY)
  ctx.type = 'html'
  ctx.body = problemPage(problem)
}

/** How node says that the other side is gone. */
const HUNG_UP = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED'])

/**
 * For koa's `error`, what fails once an answer has begun. Who hangs up is no fault of ours and leaves no line: strangers could write
 * as many as they like. Without a listener koa prints each with its stack.
 */
export function errorsOfAnswers({
  log,
}: Pick<HttpDeps, 'log'>): (error: NodeJS.ErrnoException, ctx?: Koa.Context) => void {
  return (error, ctx) => {
    if (!HUNG_UP.has(error.code ?? '')) logBug(log, error, { method: ctx?.method, route: ctx && routeOf(ctx) })
  }
}

/** With its stack, of each route; whoever comes upon one asks again, and so do all others. */
export function logBug(
  log: HttpDeps['log'],
  error: unknown,
  where: { method?: string | undefined; route?: string | undefined },
) {
  seldom(log).say('error', `internal ${where.route} ${kindOf(error)}`, { err: error, ...where }, 'internal')
}

/** A refusal we give on purpose needs no stack, and during an outage there is one for every payer: once a minute with how many. */
function logFault({ log }: Pick<HttpDeps, 'log'>, problem: HttpProblem, error: unknown, ctx: Koa.Context) {
  const { code } = problem
  const where = { method: ctx.method, route: routeOf(ctx) }
  if (code === 'internal') logBug(log, error, where)
  else seldom(log).say('warn', `${code} ${kindOf(error)}`, { reason: (error as Error).message, ...where }, code)
}

/** What an operator asked for stands behind payments, and the ledger is there all the while: it says what would help. */
function deskBusy({ why }: LedgerBusy, { method }: Koa.Context): HttpProblem {
  if (why === 'too-long' && method === 'GET') return new HttpProblem('too-much-to-read', { retryAfterS: 30 })
  return new HttpProblem('busy', { retryAfterS: 5, reason: 'desk-waits' })
}

import Router from '@koa/router'
import Koa from 'koa'
import type { HttpDeps } from './deps'
import { errorsOfAnswers, errorWriter } from './error-writer'
import { type HealthDeps, health } from './health'
import { ledgersTime } from './ledgers-time'
import { numberRequests } from './request-log'
import { healthRoutes } from './routes/health'

/** What those who run it look at, on a port that payers can't reach. */
export function createOperations(deps: HealthDeps & Pick<HttpDeps, 'log'>): Koa {
  const app = new Koa()
  app.on('error', errorsOfAnswers(deps))
  const router = new Router()
  healthRoutes(router, health(deps))
  app.use(numberRequests())
  app.use(ledgersTime(deps))
  app.use(errorWriter(deps))
  app.use(router.routes())
  return app
}

import type Router from '@koa/router'
import { registry } from '../../sight/registry'
import { type Health, READY_FOR_MS } from '../health'

/** Liveness, readiness with each dependency's state, Prometheus. */
export function healthRoutes(router: Router, health: Health): void {
  router.get('/healthz', (ctx) => {
    ctx.body = { status: 'up' }
  })
  router.get('/readyz', async (ctx) => {
    const { ready, body } = await health.readiness()
    ctx.status = ready ? 200 : 503
    // No sooner is it looked at again.
    if (!ready) ctx.set('Retry-After', String(READY_FOR_MS / 1_000))
    ctx.body = body
  })
  router.get('/metrics', async (ctx) => {
    ctx.type = registry.contentType
    ctx.body = await health.metrics()
  })
}

import type Router from '@koa/router'
import type { HttpDeps, Probe } from '../deps'
import { registry } from '../metrics'

/** A probe that takes longer than this counts as down; the kubelet's default timeout is one second too. */
const PROBE_TIMEOUT_MS = 1_000

/** Liveness, readiness with each dependency's state, Prometheus. Without Redis we are still ready: payments go on (I9). */
export function healthRoutes(router: Router, deps: HttpDeps): void {
  router.get('/healthz', (ctx) => {
    ctx.body = { status: 'up' }
  })
  router.get('/readyz', async (ctx) => {
    const states = await Promise.all(deps.probes.map(async (probe) => ({ ...probe, up: await isUp(probe) })))
    const ready = states.every((probe) => probe.up || !probe.required)
    ctx.status = ready ? 200 : 503
    ctx.body = {
      status: ready ? 'ready' : 'not-ready',
      dependencies: Object.fromEntries(
        states.map(({ name, required, up }) => [name, { state: up ? 'up' : 'down', required }]),
      ),
    }
  })
  router.get('/metrics', async (ctx) => {
    ctx.type = registry.contentType
    ctx.body = await registry.metrics()
  })
}

async function isUp(probe: Probe): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, PROBE_TIMEOUT_MS, false)
  })
  const checked = probe.check().then(
    () => true,
    () => false,
  )
  return Promise.race([checked, late]).finally(() => clearTimeout(timer))
}

import type Router from '@koa/router'
import { backlog } from '../../flow/payment/backlog'
import { isTrusted } from '../../flow/ports'
import type { HttpDeps, Probe } from '../deps'
import { clockTrusted, registry, slotsToReturn, unknownOldest, unknownOrders } from '../metrics'

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
    await measureBacklog(deps)
    clockTrusted.set(Number(isTrusted(deps.clock)))
    ctx.type = registry.contentType
    ctx.body = await registry.metrics()
  })
}

/** Without the ledger the figures are unknown, and the scrape goes on. */
async function measureBacklog(deps: HttpDeps): Promise<void> {
  const waiting = await inTime(backlog(deps))
  unknownOrders.set(waiting?.unknown ?? Number.NaN)
  unknownOldest.set((waiting?.oldestMs ?? Number.NaN) / 1_000)
  slotsToReturn.set(waiting?.slotsToReturn ?? Number.NaN)
}

async function isUp(probe: Probe): Promise<boolean> {
  return (await inTime(probe.check().then(() => true))) ?? false
}

/** What it resolves with; undefined when it fails or takes too long. */
async function inTime<T>(asked: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, PROBE_TIMEOUT_MS, undefined)
  })
  const answered = asked.catch(() => undefined)
  return Promise.race([answered, late]).finally(() => clearTimeout(timer))
}

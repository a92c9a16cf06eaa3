import { backlog } from '../flow/payment/backlog'
import { isTrusted } from '../flow/ports'
import { metricsText } from '../sight/registry'
import type { HttpDeps, Probe } from './deps'
import { showDependencies, showFigures } from './house-metrics'
import { clockTrusted, showLoad, slotsToReturn, unknownOldest, unknownOrders } from './metrics'
import { oneAtATime, remembered } from './remembered'

/** A probe that takes longer than this counts as down; the kubelet's default timeout is one second too. */
const PROBE_TIMEOUT_MS = 1_000
/** A crowd that asks costs one look in so long, and nobody hears of a state that was longer ago. */
export const READY_FOR_MS = 2_000

/** What is read of the books changes by the hour, and each process's scrape reads it. */
const FIGURES_FOR_MS = 30_000

/** How this process is, for those who run it. */
export interface Health {
  /** each dependency's state; without Redis we are still ready, since payments go on (I9); told to stop we are not */
  readiness(): Promise<{ ready: boolean; body: object }>
  /** for Prometheus */
  metrics(): Promise<string>
}

export type HealthDeps = Pick<
  HttpDeps,
  'probes' | 'ledger' | 'clock' | 'elapsed' | 'load' | 'isDraining' | 'figures' | 'metricsForMs'
>

export function health(deps: HealthDeps): Health {
  const probes = deps.probes.map((probe) => ({ ...probe, check: oneAtATime(deps.elapsed, async () => probe.check()) }))
  const waiting = oneAtATime(deps.elapsed, () => backlog(deps))
  const readiness = remembered(READY_FOR_MS, deps.elapsed, () => stateOf(probes))
  const asked = oneAtATime(deps.elapsed, async () => deps.figures?.())
  const figures = remembered(FIGURES_FOR_MS, deps.elapsed, () => inTime(asked()))
  const told = oneAtATime(deps.elapsed, async () => {
    const [, { states }, seen] = await Promise.all([measureBacklog(waiting), readiness(), figures()])
    showDependencies(states)
    showFigures(seen)
    clockTrusted.set(Number(isTrusted(deps.clock)))
    showLoad(deps.load.figures())
    return metricsText()
  })
  return {
    async readiness() {
      const state = await readiness()
      // Never remembered: who looks now must send no more.
      return deps.isDraining() ? { ready: false, body: { ...state.body, status: 'draining' } } : state
    },
    metrics: remembered(deps.metricsForMs ?? 0, deps.elapsed, told),
  }
}

async function stateOf(probes: readonly Probe[]) {
  const states = await Promise.all(probes.map(async (probe) => ({ ...probe, up: await isUp(probe) })))
  const ready = states.every((probe) => probe.up || !probe.required)
  const dependencies = Object.fromEntries(
    states.map(({ name, required, up }) => [name, { state: up ? 'up' : 'down', required }]),
  )
  return { ready, states, body: { status: ready ? 'ready' : 'not-ready', dependencies } }
}

/** Without the ledger the figures are unknown, and the scrape goes on. */
async function measureBacklog(ask: () => ReturnType<typeof backlog>): Promise<void> {
  const waiting = await inTime(ask())
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

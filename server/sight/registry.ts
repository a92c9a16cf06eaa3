import { setImmediate } from 'node:timers/promises'
import { Registry } from 'prom-client'

/** Prometheus metrics of this process, served at /metrics. Labels are bounded: routes by pattern, never by value. */
export const registry = new Registry()

/** All of them as Prometheus reads them: thousands of lines, between which others have their turn. */
export async function metricsText(): Promise<string> {
  const texts: string[] = []
  for (const { name } of registry.getMetricsAsArray()) {
    texts.push(await registry.getSingleMetricAsString(name))
    await setImmediate()
  }
  return `${texts.join('\n\n')}\n`
}

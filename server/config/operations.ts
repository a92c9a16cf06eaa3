import { resolve } from 'node:path'
import { z } from 'zod'
import { isSafeUrl } from '../domain/address'
import { notifyEnvironment, notifyFaults, notifyOf } from './notify'

const port = z.coerce.number().int().min(0).max(65_535)
const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max)

/** Where those who run it look at it, and how much of it anybody may have. */
export const operationsEnvironment = {
  /** where each sealed day of the books is given out to; without it seals.jsonl in DATA_DIR (docs/AUDIT.md) */
  SEALS_FILE: z.string().min(1).optional(),
  /** of /healthz, /readyz and /metrics, which are then no longer on the payers' port; required in production */
  OPS_PORT: port.optional(),
  OPS_HOST: z.string().min(1).default('127.0.0.1'),
  /** connections in all; and of one address, unless it is one of TRUSTED_PROXIES */
  SOCKETS_MAX: whole(10, 100_000).default(4_000),
  SOCKETS_PER_ADDRESS: whole(1, 100_000).default(256),
  /** requests under way at a time */
  REQUESTS_MAX: whole(10, 100_000).default(1_000),
  /** so late the event loop may be before the desk's reports and imports are refused; discounts, pages and payments are later */
  OVERLOAD_DELAY_MS: whole(10, 600_000).default(100),
  /** told to stop, it goes on taking requests for so long, so that who stands in front sees it in /readyz: 3 s in production, nothing elsewhere */
  DRAIN_MS: whole(0, 300_000).optional(),
  /** of a collector of traces (OTLP over HTTP), without /v1/traces; without it there are none */
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .string()
    .refine(isSafeUrl, 'must be https, or http on this machine')
    .transform((url) => url.replace(/\/$/, ''))
    .optional(),
  /** so much of what is done is sampled, 0 to 1 */
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(0.01),
  /** the end, whatever is still under way: so long after it was told to stop */
  SHUTDOWN_MS: whole(1_000, 600_000).default(15_000),
  ...notifyEnvironment,
}

/** A load balancer or Kubernetes looks once in a second or two. */
const DRAIN_MS = 3_000

/** A request needs some of the time that is left when no more are taken. */
export function operationsFaults(env: Readonly<Record<string, string | undefined>>): string[] {
  const { data } = z.object(operationsEnvironment).safeParse(env)
  const drains = data && (data.DRAIN_MS ?? 0) >= data.SHUTDOWN_MS ? ['DRAIN_MS: must be below SHUTDOWN_MS'] : []
  return [...drains, ...notifyFaults(env)]
}

export function operationsOf(env: z.output<z.ZodObject<typeof operationsEnvironment>> & { NODE_ENV: string }) {
  return {
    sealsFile: env.SEALS_FILE === undefined ? null : resolve(env.SEALS_FILE),
    operations: env.OPS_PORT === undefined ? null : { port: env.OPS_PORT, host: env.OPS_HOST },
    sockets: { most: env.SOCKETS_MAX, ofOneAddress: env.SOCKETS_PER_ADDRESS },
    drainMs: env.DRAIN_MS ?? (env.NODE_ENV === 'production' ? Math.min(DRAIN_MS, env.SHUTDOWN_MS / 2) : 0),
    shutdownMs: env.SHUTDOWN_MS,
    collector:
      env.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? null
        : { endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT, ratio: env.OTEL_TRACES_SAMPLER_ARG },
    notify: notifyOf(env),
    load: { requests: env.REQUESTS_MAX, delayMs: env.OVERLOAD_DELAY_MS },
  }
}

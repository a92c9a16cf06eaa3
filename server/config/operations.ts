import { z } from 'zod'

const port = z.coerce.number().int().min(0).max(65_535)
const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max)

/** Where those who run it look at it, and how much of it anybody may have. */
export const operationsEnvironment = {
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
}

export function operationsOf(env: z.output<z.ZodObject<typeof operationsEnvironment>>) {
  return {
    operations: env.OPS_PORT === undefined ? null : { port: env.OPS_PORT, host: env.OPS_HOST },
    sockets: { most: env.SOCKETS_MAX, ofOneAddress: env.SOCKETS_PER_ADDRESS },
    load: { requests: env.REQUESTS_MAX, delayMs: env.OVERLOAD_DELAY_MS },
  }
}

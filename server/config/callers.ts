import { z } from 'zod'

/** What is done about who comes, and how often. */
export const callersEnvironment = {
  /** off: nobody is told to wait, for tests, benches and scripts that ask often; refused in production */
  RATE_LIMITS: z.enum(['on', 'off']).default('on'),
  /** so long orders keep hashes of the address and device that they came from */
  TRACE_RETENTION_DAYS: z.coerce.number().int().min(1).max(3_650).default(90),
}

export function callersOf(env: z.output<z.ZodObject<typeof callersEnvironment>>) {
  return { rateLimits: env.RATE_LIMITS === 'on', traceRetentionDays: env.TRACE_RETENTION_DAYS }
}

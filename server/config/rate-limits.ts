import { z } from 'zod'

export const rateLimitsEnvironment = {
  /** off: nobody is told to wait, for tests, benches and scripts that ask often; refused in production */
  RATE_LIMITS: z.enum(['on', 'off']).default('on'),
}

import { z } from 'zod'

/** Whether those who approve show a second factor, and whether the single sign-on's may be it. */
export const secondFactorEnvironment = {
  /** on: whoever is checker or admin can do nothing without; in production always */
  SECOND_FACTOR: z.enum(['on', 'off']).optional(),
  /** on: a log-in for which the provider names a second factor (`amr`) is asked for none of ours */
  OIDC_SECOND_FACTOR: z.enum(['on', 'off']).default('off'),
}

export const secondFactorRequired = (env: { NODE_ENV: string; SECOND_FACTOR?: 'on' | 'off' | undefined }) =>
  env.NODE_ENV === 'production' || env.SECOND_FACTOR === 'on'

import { z } from 'zod'

/** What change requests need to be told. */
export const changeEnvironment = {
  /** how long what moves money waits after its approval, ms: a day in production, nothing elsewhere */
  /** whom a merchant calls about their settlement account, as they read it */
  BANK_PHONE: z
    .string()
    .regex(/^[0-9+() -]{5,20}$/, 'must be a telephone number')
    .optional(),
  CHANGE_DELAY_MS: z.coerce
    .number()
    .int()
    .min(0)
    .max(30 * 86_400_000)
    .optional(),
}

const DAY_MS = 86_400_000

export function changeDelayOf({
  NODE_ENV: mode,
  CHANGE_DELAY_MS: given,
}: {
  NODE_ENV: string
  CHANGE_DELAY_MS?: number | undefined
}): number {
  return given ?? (mode === 'production' ? DAY_MS : 0)
}

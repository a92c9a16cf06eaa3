import { z } from 'zod'

/** What change requests need to be told. */
export const changeEnvironment = {
  /** whom payers and merchants call, as they read it */
  BANK_PHONE: z
    .string()
    .regex(/^[0-9+() -]{5,20}$/, 'must be a telephone number')
    .optional(),
  /** how long what moves money waits after its approval, ms: a day in production, nothing elsewhere */
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

/** Whom payers and merchants call, and how a payer complains, as they read it; null: nobody has said. */
export function contactOf(env: { BANK_PHONE?: string | undefined; BANK_COMPLAINTS?: string | undefined }) {
  return { bankPhone: env.BANK_PHONE ?? null, bankComplaints: env.BANK_COMPLAINTS ?? null }
}

import { z } from 'zod'

const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max)

/** How long a card is kept, and how much of the decks may be held unpaid: by one payer, and by all before amounts are hidden (docs/HOARDING.md). */
export const leaseEnvironment = {
  /** how long a slot is kept for its payer; a quote ends LEASE_MARGIN_MS earlier */
  LEASE_TTL_MS: whole(1_000, 3_600_000).default(130_000),
  LEASE_MARGIN_MS: whole(0, 60_000).default(10_000),
  /** cards that one payer may hold unpaid at a time, over all merchants */
  HELD_CARDS_MAX: whole(1, 1_000).default(2),
  /** how long one payer may hold cards of one merchant unpaid in a day, renewals included */
  HOLDING_BUDGET_MS: whole(60_000, 86_400_000).default(600_000),
  /** the same over all merchants, each lease counted whole */
  HOLDING_DAY_MS: whole(60_000, 86_400_000).default(900_000),
  /** amounts are hidden while more than so much of what is left is held unpaid, percent: at one merchant, in a campaign; 100: never */
  HELD_SHARE_MERCHANT: whole(1, 100).default(50),
  HELD_SHARE_CAMPAIGN: whole(1, 100).default(10),
  /** fewer cards than that, held at one merchant or in a campaign, are nothing unusual */
  HELD_LEAST_MERCHANT: whole(1, 10_000).default(5),
  HELD_LEAST_CAMPAIGN: whole(1, 1_000_000).default(40),
}

export function leaseFaults(env: Readonly<Record<string, unknown>>): string[] {
  const { data } = z.object(leaseEnvironment).safeParse(env)
  return data && data.LEASE_MARGIN_MS >= data.LEASE_TTL_MS ? ['LEASE_MARGIN_MS: must be below LEASE_TTL_MS'] : []
}

export function limitsOf(env: z.output<z.ZodObject<typeof leaseEnvironment>>) {
  return {
    leaseTtlMs: env.LEASE_TTL_MS,
    leaseMarginMs: env.LEASE_MARGIN_MS,
    maxHeld: env.HELD_CARDS_MAX,
    holdingMs: env.HOLDING_BUDGET_MS,
    holdingInAllMs: env.HOLDING_DAY_MS,
    merchantUnusual: { percent: env.HELD_SHARE_MERCHANT, least: env.HELD_LEAST_MERCHANT },
    campaignUnusual: { percent: env.HELD_SHARE_CAMPAIGN, least: env.HELD_LEAST_CAMPAIGN },
  }
}

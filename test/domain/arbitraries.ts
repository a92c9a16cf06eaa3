import fc from 'fast-check'
import { MAX_AMOUNT_FEN, MAX_SLOTS, type Period, type Rule } from '../../server/domain/rule'

/** The rule of the case, with its cheapest card at one fen. */
export const CASE_RULE: Rule & Period = {
  thresholdFen: 1_000,
  slots: 20,
  minFen: 1,
  maxFen: 1_000,
  bandMinFen: 700,
  bandMaxFen: 900,
  bandPercent: 80,
  payerPercent: 50,
  startDate: '2026-11-01',
  endDate: '2026-11-30',
}

/** A seed for the n-th deck of a statistic: fixed, so that the statistic is the same on every run. */
export function seedOf(n: number): Buffer {
  const seed = Buffer.alloc(32)
  seed.writeUInt32BE(n)
  return seed
}

export const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 })

/** Most decks are small; one in twenty is anything up to the largest allowed, so that 10,000 decks take seconds. */
const slots = fc.oneof(
  { weight: 19, arbitrary: fc.integer({ min: 1, max: 40 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: MAX_SLOTS }) },
)

/** Any valid rule: four ordered bounds, any percents, and a threshold that leaves at least one fen to pay. */
export const validRules: fc.Arbitrary<Rule & Period> = fc
  .record({
    bounds: fc.array(fc.integer({ min: 1, max: MAX_AMOUNT_FEN }), { minLength: 4, maxLength: 4 }),
    slots,
    bandPercent: fc.integer({ min: 0, max: 100 }),
    payerPercent: fc.integer({ min: 0, max: 100 }),
    aboveFloorFen: fc.nat(100_000),
  })
  .map(({ bounds, aboveFloorFen, ...rest }) => {
    const [minFen, bandMinFen, bandMaxFen, maxFen] = bounds.toSorted((a, b) => a - b) as [
      number,
      number,
      number,
      number,
    ]
    // Largest payer share, computed apart from the code under test: ⌈max × percent / 100⌉.
    const largestShareFen = Number((BigInt(maxFen) * BigInt(rest.payerPercent) + 99n) / 100n)
    const thresholdFen = largestShareFen + 1 + aboveFloorFen
    return {
      ...rest,
      minFen,
      bandMinFen,
      bandMaxFen,
      maxFen,
      thresholdFen,
      startDate: '2026-01-01',
      endDate: '2026-12-31',
    }
  })

import fc from 'fast-check'
import { deal, dearestDeck, exposure } from '../../server/domain/deck'
import { type ForecastInput, forecast, simulated } from '../../server/domain/forecast'
import { bandCount, type Rule } from '../../server/domain/rule'
import { CASE_RULE, seedOf, validRules } from './arbitraries'

const { startDate: _, endDate: __, ...CASE } = CASE_RULE
const street: ForecastInput = {
  rule: { ...CASE, minFen: 100 },
  days: 60,
  merchantCount: 20,
  budgetFen: 1e12,
  dailyBudgetFen: null,
  ordersPerMerchantPerDay: 15,
}
const of = (change: Partial<ForecastInput> = {}, seed = 1) => forecast({ ...street, ...change }, simulated(seed))
const mean = (from: number, to: number) => (from + to) / 2

/** 600 amounts below the band and 100 above it, 16 cards of 20 inside: the case's mean card. */
const MEAN_CARD = (16 * 800 + 4 * ((600 * mean(100, 699) + 100 * mean(901, 1_000)) / 700)) / 20

describe('the most a campaign can cost', () => {
  it('is every card of every deck at its dearest, never above the budget', () => {
    // 16 cards at ¥9.00 and 4 at ¥10.00, 20 merchants
    expect(of()).toMatchObject({ mostPerDayFen: 368_000, mostFen: 60 * 368_000 })
    expect(of({ budgetFen: 1_000_000 })).toMatchObject({ mostPerDayFen: 368_000, mostFen: 1_000_000 })
  })

  it('is of a day what it may cost, whatever its decks are', () => {
    const bound = of({ dailyBudgetFen: 100_000 })
    expect(bound).toMatchObject({ mostPerDayFen: 100_000, mostFen: 60 * 100_000, merchantsADay: 5, days: 60 })
    expect(bound.expectedPerDayFen / of().expectedPerDayFen).toBeCloseTo(100_000 / 368_000, 3)
    expect(bound.p95Fen).toBeLessThanOrEqual(60 * 100_000)
    expect(of({ dailyBudgetFen: 368_000 })).toEqual(of())
    expect(of().merchantsADay).toBe(20)
  })

  it('bounds every deck that can be dealt, and some deck comes up to it', () => {
    fc.assert(
      fc.property(validRules, fc.nat(1_000), (rule, n) => {
        const small: Rule = { ...rule, slots: Math.min(rule.slots, 20) }
        expect(exposure(deal(small, seedOf(n)))).toBeLessThanOrEqual(dearestDeck(small))
      }),
    )
    const narrow: Rule = { ...CASE, slots: 5, minFen: 799, bandMinFen: 800, bandMaxFen: 800, maxFen: 800 }
    expect(exposure(deal(narrow, seedOf(1)))).toBe(dearestDeck(narrow))
  })
})

describe('what it will probably cost', () => {
  it('with more orders than cards is the whole deck, whose mean is known', () => {
    const full = of({ ordersPerMerchantPerDay: 200 })
    expect(full.expectedPerDayFen).toBe(Math.round(20 * 20 * MEAN_CARD))
    expect(full.sellOutShare).toBeCloseTo(1, 10)
    expect(full.expectedFen / (60 * full.expectedPerDayFen)).toBeCloseTo(1, 3)
  })

  it('with few orders is the mean card times the orders', () => {
    const few = of({ ordersPerMerchantPerDay: 1.5, days: 10 })
    expect(few.expectedPerDayFen).toBe(Math.round(20 * 1.5 * MEAN_CARD))
    expect(few.sellOutShare).toBeLessThan(1e-12)
  })

  it('with one card is the chance of an order at all: 1 − 1/e', () => {
    const one = of({ rule: { ...CASE, slots: 1, bandPercent: 100 }, merchantCount: 1, ordersPerMerchantPerDay: 1 })
    expect(one.sellOutShare).toBeCloseTo(1 - Math.exp(-1), 12)
    expect(one.expectedPerDayFen).toBe(Math.round(800 * (1 - Math.exp(-1))))
    expect(one.expectedFen / (60 * 800 * (1 - Math.exp(-1)))).toBeCloseTo(1, 2)
  })

  it('spreads as a compound Poisson sum does where no deck sells out: variance λ·E[card²]', () => {
    const rule: Rule = { ...CASE, slots: 1_000, bandPercent: 100, bandMinFen: 700, bandMaxFen: 900 }
    const squareFen = 800 ** 2 + (201 ** 2 - 1) / 12
    for (const merchantCount of [1, 500]) {
      const range = of({ rule, merchantCount, ordersPerMerchantPerDay: 20 })
      const sd = Math.sqrt(60 * merchantCount * 20 * squareFen)
      // 1.645 is the normal quantile of 95 %; 1,000 runs know each end to about a twentieth of the spread
      expect((range.p95Fen - range.p05Fen) / (2 * 1.645 * sd)).toBeGreaterThan(0.88)
      expect((range.p95Fen - range.p05Fen) / (2 * 1.645 * sd)).toBeLessThan(1.12)
    }
  })

  it('spreads less when decks sell out: each has exactly its band cards, so only the amounts within them differ', () => {
    const narrow: Rule = { ...CASE, bandMinFen: 900, bandMaxFen: 900, minFen: 100, maxFen: 900 }
    const insideSquareFen = 0
    const outsideSquareFen = (800 ** 2 - 1) / 12
    const full = of({ rule: narrow, ordersPerMerchantPerDay: 200 })
    const sd = Math.sqrt(60 * 20 * (16 * insideSquareFen + 4 * outsideSquareFen))
    expect((full.p95Fen - full.p05Fen) / (2 * 1.645 * sd)).toBeGreaterThan(0.88)
    expect((full.p95Fen - full.p05Fen) / (2 * 1.645 * sd)).toBeLessThan(1.12)
  })

  it('of a day whose decks the budget covers by half is half, since no more are dealt', () => {
    const budgetFen = (20 * dearestDeck(street.rule)) / 2
    const half = of({ days: 1, budgetFen })
    expect(half.expectedFen / half.expectedPerDayFen).toBeCloseTo(1 / 2, 1)
  })

  it('is the same drawn card by card and as a normal sum', () => {
    const alone = of({ merchantCount: 1, days: 60 })
    const apart = of({ merchantCount: 60, days: 1 })
    expect(alone.expectedFen / apart.expectedFen).toBeCloseTo(1, 2)
    const [a, b] = [alone, apart].map((one) => one.p95Fen - one.p05Fen)
    expect(a! / b!).toBeGreaterThan(0.85)
    expect(a! / b!).toBeLessThan(1.15)
  })

  it('never exceeds the budget, which lasts as long as the expectation says', () => {
    const tight = of({ budgetFen: 2_000_000 })
    expect(tight.p95Fen).toBeLessThanOrEqual(2_000_000)
    expect(tight.expectedFen).toBeGreaterThan(1_900_000)
    expect(tight.budgetLastsDays).toBe(Math.round((10 * 2_000_000) / tight.expectedPerDayFen) / 10)
  })

  it('of nothing is nothing', () => {
    for (const nothing of [{ merchantCount: 0 }, { ordersPerMerchantPerDay: 0 }])
      expect(of(nothing)).toMatchObject({ expectedFen: 0, p05Fen: 0, p95Fen: 0, budgetLastsDays: null })
    expect(of({ ordersPerMerchantPerDay: 0 }).sellOutShare).toBe(0)
  })

  it('is the same again from the same seed, and stays finite at the ends of every range', () => {
    expect(of({}, 7)).toEqual(of({}, 7))
    expect(of({}, 8)).not.toEqual(of({}, 7))
    fc.assert(
      fc.property(
        validRules,
        fc.constantFrom(1, 59, 400, 2_900_000),
        fc.constantFrom(0, 1, 3, 1_000_000),
        fc.constantFrom(0, 0.001, 15, 10_000),
        (rule, days, merchantCount, ordersPerMerchantPerDay) => {
          const any = { rule, days, merchantCount, ordersPerMerchantPerDay, budgetFen: 1e14, dailyBudgetFen: null }
          const seen = forecast(any, simulated(1), 40)
          for (const value of Object.values(seen))
            expect(value === null || (Number.isFinite(value) && value >= 0)).toBe(true)
          expect(seen.p05Fen).toBeLessThanOrEqual(seen.p95Fen)
          expect(seen.p95Fen).toBeLessThanOrEqual(seen.mostFen)
          expect(bandCount(rule)).toBeLessThanOrEqual(rule.slots)
        },
      ),
      { numRuns: 40 },
    )
  })
})

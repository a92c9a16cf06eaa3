import { cardBins } from '../../server/domain/card-bins'
import { lift, type MerchantUse, shareOf } from '../../server/domain/lift'
import { studentQuantile } from '../../server/domain/student-t'
import { CAMPAIGN } from '../support/flow'

/** A merchant of so many own-channel orders of a hundred, before and during. */
const merchant = (before: number, during: number, orders = 100): MerchantUse => ({
  before: { orders, own: before },
  during: { orders, own: during },
  after: { orders: 0, own: 0 },
})

describe('Student’s t', () => {
  // from printed tables, two-sided 95 %
  it.each([
    [1, 12.706],
    [2, 4.303],
    [3, 3.182],
    [5, 2.571],
    [10, 2.228],
    [30, 2.042],
    [120, 1.98],
    [1e9, 1.96],
  ])('has the quantile of the tables for %d degrees of freedom', (df, value) => {
    expect(studentQuantile(0.95, df)).toBeCloseTo(value, 3)
  })

  it('knows other confidences and degrees that aren’t whole, and refuses none', () => {
    expect(studentQuantile(0.99, 10)).toBeCloseTo(3.169, 3)
    expect(studentQuantile(0.9, 4)).toBeCloseTo(2.132, 3)
    const between = studentQuantile(0.95, 2.5)
    expect(between).toBeGreaterThan(3.182)
    expect(between).toBeLessThan(4.303)
    expect(() => studentQuantile(0.95, 0)).toThrow(RangeError)
  })
})

describe('the lift', () => {
  /**
   * By hand: changes 4, 6, 8 (mean 6, variance 4) against 1, 3 (mean 2, variance 2). Standard error √(4/3 + 2/2) = 1.527525;
   * df = (7/3)² / ((4/3)²/2 + 1²/1) = 2.882353; t₀.₉₇₅ = 3.257 (tables: 3.182 at 3, 4.303 at 2).
   */
  it('is the difference of the changes, with Welch’s interval, as computed by hand', () => {
    const found = lift([merchant(2, 6), merchant(2, 8), merchant(2, 10)], [merchant(2, 3), merchant(2, 5)])!
    expect(found).toMatchObject({ treatedMerchants: 3, controlMerchants: 2 })
    expect(found.points).toBeCloseTo(4, 10)
    expect(found.high - found.points).toBeCloseTo(found.points - found.low, 10)
    expect((found.high - found.points) / Math.sqrt(7 / 3)).toBeCloseTo(studentQuantile(0.95, 49 / 17), 10)
    expect((found.high - found.points) / Math.sqrt(7 / 3)).toBeGreaterThan(3.182)
    expect((found.high - found.points) / Math.sqrt(7 / 3)).toBeLessThan(3.4)
  })

  /** Equal spread and size: df = n₁ + n₂ − 2 = 2, t = 4.303, standard error √(2/2 + 2/2) = 1.414214, half 6.0849. */
  it('has the classic interval where both arms vary alike', () => {
    const found = lift([merchant(0, 9), merchant(0, 11)], [merchant(0, 1), merchant(0, 3)])!
    expect(found.points).toBeCloseTo(8, 10)
    expect(found.low).toBeCloseTo(8 - 6.0849, 3)
    expect(found.high).toBeCloseTo(8 + 6.0849, 3)
  })

  it('takes away what moved both alike', () => {
    const found = lift([merchant(10, 20), merchant(30, 40)], [merchant(50, 60), merchant(5, 15)])!
    expect(found.points).toBeCloseTo(0, 10)
    expect(found.high - found.low).toBeCloseTo(0, 10)
  })

  it('counts a busy merchant once, as it counts a quiet one', () => {
    const arms = (orders: number) =>
      lift(
        [merchant(0, 10), { ...merchant(0, 0), during: { orders, own: orders / 5 } }],
        [merchant(1, 1), merchant(2, 2)],
      )
    expect(arms(10)).toEqual(arms(100_000))
  })

  it('leaves out merchants without orders before or during, and says nothing with fewer than two in an arm', () => {
    const silent: MerchantUse = { ...merchant(0, 5), before: { orders: 0, own: 0 } }
    const two = [merchant(0, 1), merchant(0, 2)]
    expect(lift([...two, silent], two)).toMatchObject({ treatedMerchants: 2 })
    expect(lift([two[0]!, silent], two)).toBeNull()
    expect(lift(two, [two[0]!])).toBeNull()
    expect(lift([], [])).toBeNull()
  })

  it('has no share where there are no orders', () => {
    expect(shareOf({ orders: 0, own: 0 })).toBeNull()
    expect(shareOf({ orders: 8, own: 2 })).toBe(0.25)
  })
})

describe('the columns of the cards', () => {
  const { rule } = CAMPAIGN

  it.each([
    ['the case’s rule', rule],
    ['a band of one fen', { ...rule, bandMinFen: 888, bandMaxFen: 888 }],
    ['a band that is everything', { ...rule, bandMinFen: 100, bandMaxFen: 1_000 }],
    ['a single card', { ...rule, minFen: 5, maxFen: 5, bandMinFen: 5, bandMaxFen: 5 }],
    ['the widest rule', { ...rule, minFen: 1, maxFen: 65_535 }],
  ])('cover every amount once, in order, and never lie across the band’s edge: %s', (_, of) => {
    const bins = cardBins(of)
    expect(bins[0]!.fromFen).toBe(of.minFen)
    expect(bins.at(-1)!.toFen).toBe(of.maxFen)
    for (const [i, bin] of bins.entries()) {
      expect(bin.toFen).toBeGreaterThanOrEqual(bin.fromFen)
      if (i > 0) expect(bin.fromFen).toBe(bins[i - 1]!.toFen + 1)
      expect(bin.inBand).toBe(bin.fromFen >= of.bandMinFen && bin.toFen <= of.bandMaxFen)
    }
    expect(bins.length).toBeLessThanOrEqual(30)
  })

  it('are half a yuan wide for the case', () => {
    const bins = cardBins(rule)
    expect(bins).toHaveLength(18)
    expect(bins[0]).toEqual({ fromFen: 100, toFen: 149, inBand: false })
    expect(bins.filter((bin) => bin.inBand).map((bin) => bin.toFen)).toEqual([749, 799, 849, 900])
  })
})

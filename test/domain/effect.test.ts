import {
  costPerOrder,
  detectablePoints,
  type Effect,
  effects,
  lookDays,
  type Measured,
  spreadOf,
} from '../../server/domain/effect'
import { spending } from '../../server/domain/spending'
import { studentQuantile } from '../../server/domain/student-t'

/** A merchant of so many own-channel orders of a hundred, before and since. */
const merchant = (control: boolean, before: number, since: number, orders = 100): Measured => ({
  control,
  before: { orders, own: before },
  since: [{ orders: 100, own: since }],
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
    expect(studentQuantile(0.05, df)).toBeCloseTo(value, 3)
  })

  it('knows other tails, small ones too, and degrees that aren’t whole, and refuses none', () => {
    expect(studentQuantile(0.01, 10)).toBeCloseTo(3.169, 3)
    expect(studentQuantile(0.1, 4)).toBeCloseTo(2.132, 3)
    // at df = 1 it is Cauchy's: tan(π/2 · (1 − tail)) ≈ 2/(π · tail)
    expect(studentQuantile(1e-9, 1) * Math.PI * 1e-9).toBeCloseTo(2, 6)
    expect(studentQuantile(0.05, 2.5)).toBeGreaterThan(3.182)
    expect(() => studentQuantile(0.05, 0)).toThrow(RangeError)
    expect(() => studentQuantile(0, 5)).toThrow(RangeError)
  })
})

describe('the error to spend', () => {
  it('is 5 % in all, little of it early; as Lan and DeMets tabled it', () => {
    const five = spending([0.2, 0.4, 0.6, 0.8, 1])
    expect(five.reduce((sum, one) => sum + one, 0)).toBeCloseTo(0.05, 10)
    // 2 − 2Φ(1.96/√f): 0.00001, 0.00194, 0.01140, 0.02844, 0.05
    expect(five[0]).toBeCloseTo(0.0000117, 6)
    expect(five[1]).toBeCloseTo(0.00193, 4)
    expect(five[0]! + five[1]! + five[2]!).toBeCloseTo(0.0114, 4)
  })

  it('is for at most ten looks, the last at the end', () => {
    expect(lookDays(4)).toEqual([1, 2, 3, 4])
    expect(lookDays(30)).toEqual([3, 6, 9, 12, 15, 18, 21, 24, 27, 30])
    expect(lookDays(365).at(-1)).toBe(365)
  })
})

describe('the effect', () => {
  /** Changes 4, 6, 8, 10 (mean 7, variance 20/3) against 1, 3, 1, 3 (mean 2, variance 4/3); both of four: standard error √(20/12 + 4/12) = √2. */
  const all = [
    ...[6, 8, 10, 12].map((own) => merchant(false, 2, own)),
    ...[3, 5, 3, 5].map((own) => merchant(true, 2, own)),
  ]

  it('is the difference of the changes, with Welch’s interval, as computed by hand', () => {
    const [look] = effects(all, [1], 1)
    expect(look).toMatchObject({ treatedMerchants: 4, controlMerchants: 4 })
    const df = 2 ** 2 / ((20 / 12) ** 2 / 3 + (4 / 12) ** 2 / 3)
    const half = studentQuantile(0.05, df) * Math.sqrt(2)
    expect(look!.each!.points).toBeCloseTo(5, 10)
    expect(look!.each!.low).toBeCloseTo(5 - half, 6)
    expect(look!.each!.high).toBeCloseTo(5 + half, 6)
    // of equal weights both are one
    expect(look!.weighted!.low).toBeCloseTo(look!.each!.low, 6)
  })

  it('weighted is the busy merchants’, by what they sold before and not since', () => {
    const busy = [...all, { ...merchant(false, 6, 99, 300), since: [{ orders: 9, own: 0 }] }]
    const [look] = effects(busy, [1], 1)
    expect(look!.each!.points).toBeCloseTo((4 + 6 + 8 + 10 - 2) / 5 - 2, 10)
    expect(look!.weighted!.points).toBeCloseTo((28 * 100 - 2 * 300) / 700 - 2, 10)
    expect(look!.weighted!.high - look!.weighted!.low).toBeGreaterThan(look!.each!.high - look!.each!.low)
  })

  it('says nothing of two against two, of merchants that all changed alike, and on a first day', () => {
    const two = [merchant(false, 1, 5), merchant(false, 1, 6), merchant(true, 1, 1), merchant(true, 1, 2)]
    expect(effects(two, [1], 1)[0]).toEqual({ each: null, weighted: null, treatedMerchants: 2, controlMerchants: 2 })
    const alike = [1, 2, 3, 4].flatMap(() => [merchant(false, 1, 5), merchant(true, 1, 1)])
    expect(effects(alike, [1], 1)[0]!.each).toBeNull()
    expect(effects(all, [1], 40)[0]!.each).toBeNull()
    expect(effects([], [1], 1)[0]!.each).toBeNull()
  })

  it('leaves out merchants without orders before or since: their share is unknown, not nought', () => {
    const quiet = [...all, merchant(false, 0, 5, 0), { ...merchant(false, 2, 0), since: [{ orders: 0, own: 0 }] }]
    expect(effects(quiet, [1], 1)).toEqual(effects(all, [1], 1))
  })

  it('costs so much an order more, and nothing can be said where there may be none', () => {
    const sure: Effect = { points: 5, low: 2, high: 8 }
    expect(costPerOrder(100_000, 2_000, sure)).toEqual({
      orders: 100,
      costFen: 100_000,
      perOrderFen: 1_000,
      lowFen: 625,
      highFen: 2_500,
    })
    expect(costPerOrder(100_000, 2_000, { ...sure, low: -1 })!.highFen).toBeNull()
    expect(costPerOrder(100_000, 2_000, { points: -1, low: -3, high: 1 })).toBeNull()
    expect(costPerOrder(100_000, 2_000, null)).toBeNull()
  })
})

const DAYS = 28
const TREATED = 20
const CONTROL = 10
const RUNS = 200

/** How far a merchant's share drifts by itself, points; both have tails much heavier than a normal's, one of them on one side. */
const DRIFTS = {
  'Student’s t of three degrees': (normal: () => number) =>
    (2 * normal()) / Math.sqrt((normal() ** 2 + normal() ** 2 + normal() ** 2) / 3),
  'a lognormal': (normal: () => number) => 2 * (Math.exp(0.8 * normal()) - Math.exp(0.32)),
}

/** Merchants whose days hang together, of very different sizes, with a campaign that moves each by so many points. */
function campaign(points: number, normal: () => number, drift: (normal: () => number) => number): Measured[] {
  const looks = lookDays(DAYS)
  const market = 3 * normal()
  return Array.from({ length: TREATED + CONTROL }, (_, i) => {
    const control = i >= TREATED
    const usual = 10 + 2 * normal()
    const perDay = 30 * Math.exp(normal())
    const shift = market + drift(normal) + (control ? 0 : points)
    const use = (days: number, share: number) => {
      const orders = Math.max(1, Math.round(days * perDay))
      return { orders, own: (orders * (share + 30 * (normal() / Math.sqrt(orders)))) / 100 }
    }
    const since = looks.map((day, k) => use(day - (looks[k - 1] ?? 0), usual + shift))
    return { control, before: use(DAYS, usual), since }
  })
}

describe.each(Object.entries(DRIFTS))('200 campaigns whose merchants drift by %s', (_, drift) => {
  const normal = normals(20_260_301)
  const run = (points: number) =>
    Array.from({ length: RUNS }, () => effects(campaign(points, normal, drift), lookDays(DAYS), DAYS))
  const share = (count: number) => count / RUNS
  const covers = (one: Effect | null, points: number) => one === null || (one.low <= points && points <= one.high)

  it('alarm falsely in at most 5 %, looked at every time', () => {
    const looks = run(0)
    for (const kind of ['each', 'weighted'] as const) {
      const alarmed = looks.filter((all) => all.some((look) => !covers(look[kind], 0))).length
      expect(share(alarmed)).toBeLessThanOrEqual(0.05)
    }
  })

  it('have intervals that hold the truth in at least 93 %, at the end and all along, and that say something', () => {
    const looks = run(5)
    for (const kind of ['each', 'weighted'] as const) {
      expect(share(looks.filter((all) => covers(all.at(-1)![kind], 5)).length)).toBeGreaterThanOrEqual(0.93)
      expect(share(looks.filter((all) => all.every((look) => covers(look[kind], 5))).length)).toBeGreaterThanOrEqual(
        0.93,
      )
    }
    // An interval of everything would cover too.
    const widths = looks.map((all) => all.at(-1)!.each!.high - all.at(-1)!.each!.low).sort((a, b) => a - b)
    expect(widths[RUNS / 2]).toBeLessThan(9)
  })

  it('show an effect of the size that was told beforehand in about 80 %', () => {
    const spread = Math.sqrt(spreads(drift, normal))
    const told = detectablePoints({ treated: TREATED, control: CONTROL, spread }, lookDays(DAYS), DAYS)!
    const seen = run(told).filter((all) => (all.at(-1)!.each?.low ?? 0) > 0).length
    expect(share(seen)).toBeGreaterThan(0.7)
  })
})

/** The mean variance of merchants' changes, as many campaigns before would have shown it. */
function spreads(drift: (normal: () => number) => number, normal: () => number): number {
  const all = Array.from({ length: 200 }, () => spreadOf(campaign(0, normal, drift))! ** 2)
  return all.reduce((sum, one) => sum + one, 0) / all.length
}

/** Normal deviates by Box and Muller, from the 32 bits of mulberry32: the same each time. */
function normals(seed: number): () => number {
  let state = seed
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
}

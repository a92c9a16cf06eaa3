import {
  asksAgain,
  baselineOf,
  type CardOrder,
  INDICATORS,
  type MerchantDay,
  measure,
  QUEUE_SCORE,
  score,
  tail,
} from '../../server/domain/suspicion'
import { FARMED, street } from '../support/street-days'

const order = (i: number, more: Partial<CardOrder> = {}): CardOrder => ({
  orderNo: `P${i}`,
  payerId: `payer-${i}`,
  createdAt: i * 20 * 60_000,
  amountFen: 2_500,
  payableFen: 2_100,
  refundedFen: 0,
  daysHere: 1,
  merchants: 2,
  ordersAnywhere: 4,
  addressHash: `a${i}`,
  deviceHash: `d${i}`,
  ...more,
})
const dayOf = (count: number, more: (i: number) => Partial<CardOrder> = () => ({})): MerchantDay => ({
  merchantCode: 'M0001',
  thresholdFen: 1_000,
  orders: Array.from({ length: count }, (_, i) => order(i, more(i))),
})
const alone = baselineOf([])
const scored = (day: MerchantDay) => score(measure(day), alone)

describe('the upper tail of the binomial distribution', () => {
  it('is what a table says of it', () => {
    expect(tail(0, 10, 0.3)).toBe(1)
    expect(tail(1, 10, 0.3)).toBeCloseTo(1 - 0.7 ** 10, 12)
    expect(tail(8, 10, 0.3)).toBeCloseTo(0.0015903864, 9)
    expect(tail(10, 10, 0.3)).toBeCloseTo(0.3 ** 10, 15)
  })

  it('stays above nought where a number can’t say it any more, so that its logarithm is one', () => {
    expect(Math.log10(tail(1_000, 1_000, 0.02))).toBeLessThan(-300)
    expect(Number.isFinite(Math.log10(tail(1_000, 1_000, 0.02)))).toBe(true)
  })
})

describe('a day', () => {
  it('on which one person takes nineteen of twenty cards with ¥10 orders is found, though no other merchant is there to compare', () => {
    const found = scored(
      dayOf(20, (i) => (i < 19 ? { payerId: 'farmer', amountFen: 1_000, createdAt: i * 60_000 } : {})),
    )
    expect(found.score).toBe(100)
    expect(found.evidence.map(({ indicator }) => indicator)).toEqual(
      expect.arrayContaining(['same-payer', 'at-threshold']),
    )
    expect(found.evidence[0]).toMatchObject({ indicator: 'same-payer', hits: 18, of: 20, points: 60 })
    expect(found.evidence[0]!.orderNos).toHaveLength(18)
  })

  it('of a popular shop is not: its regulars, its own network, its noon rush', () => {
    const regulars = dayOf(20, (i) => ({
      daysHere: i < 17 ? 20 : 1,
      merchants: i < 17 ? 1 : 3,
      addressHash: i < 15 ? 'wifi' : `a${i}`,
      createdAt: i * 3 * 60_000,
    }))
    const { score, evidence } = scored(regulars)
    expect(evidence.map(({ indicator }) => indicator)).toContain('regulars')
    expect(score).toBeLessThan(QUEUE_SCORE)
  })

  it('without orders, or with few, says nothing', () => {
    for (const day of [dayOf(0), dayOf(4, () => ({ payerId: 'one', amountFen: 1_000 }))])
      expect(scored(day)).toEqual({ score: 0, evidence: [] })
  })

  it('counts what is known of devices, and nothing where nothing is', () => {
    const same = dayOf(20, () => ({ deviceHash: 'one phone' }))
    expect(scored(same).evidence[0]).toMatchObject({ indicator: 'same-device', hits: 20, of: 20, points: 50 })
    const unknown = dayOf(20, () => ({ deviceHash: null, addressHash: null }))
    expect(measure(unknown)['same-device']).toEqual({ hits: 0, of: 0, orderNos: [] })
    const pairs = dayOf(20, (i) => ({ deviceHash: `phone ${i >> 1}` }))
    expect(measure(pairs)['same-device'].hits).toBe(0)
  })

  it('never has more than a hundred points, nor a trait without its orders', () => {
    const worst = scored(
      dayOf(40, (i) => ({
        payerId: `p${i % 5}`,
        amountFen: 1_000,
        createdAt: i,
        refundedFen: 2_100,
        deviceHash: 'one',
      })),
    )
    expect(worst.score).toBe(100)
    for (const { hits, orderNos } of worst.evidence) expect(orderNos).toHaveLength(hits)
  })
})

describe('what is usual', () => {
  it('is what three of four merchants don’t exceed: where all sell at the threshold, nobody is unusual for it', () => {
    const breakfast = (share: number) => measure(dayOf(20, (i) => ({ amountFen: i < 20 * share ? 1_050 : 2_500 })))
    const peers = [0.5, 0.6, 0.6, 0.7, 0.7, 0.8, 0.8, 0.8, 0.9].map(breakfast)
    expect(baselineOf(peers)['at-threshold']).toBe(0.8)
    expect(score(breakfast(0.9), baselineOf(peers)).evidence).toEqual([])
    expect(score(breakfast(0.9), alone).evidence).toHaveLength(1)
  })

  it('is not moved by a farmer among ten, and never all of it', () => {
    const honest = Array.from({ length: 9 }, () => measure(dayOf(20)))
    const farmed = measure(dayOf(20, () => ({ payerId: 'one', amountFen: 1_000 })))
    expect(baselineOf([...honest, farmed])).toEqual(baselineOf(honest))
    const all = baselineOf(Array.from({ length: 20 }, () => farmed))
    for (const indicator of INDICATORS) expect(all[indicator]).toBeLessThanOrEqual(0.95)
  })
})

describe('a merchant whose suspicion was dismissed', () => {
  it('is asked about again after two weeks, or at once when it looks much worse', () => {
    expect(asksAgain({ score: 60, daysAgo: 14 }, { score: 60 })).toBe(false)
    expect(asksAgain({ score: 60, daysAgo: 15 }, { score: 60 })).toBe(true)
    expect(asksAgain({ score: 60, daysAgo: 1 }, { score: 80 })).toBe(true)
  })
})

describe('a street of sixty honest merchants and five farmed ones, over six weeks', () => {
  const WARM = 14
  const DAYS = 28
  const tally = new Map<string, { days: number; found: number }>()

  beforeAll(() => {
    for (const seed of [1, 2]) {
      const made = street(seed, 60)
      for (let day = 0; day < WARM + DAYS; day++) {
        const days = made.next()
        if (day < WARM) continue
        const measures = days.map(measure)
        const usual = baselineOf(measures)
        for (const [i, one] of measures.entries()) {
          const { kind } = made.merchants[i]!
          const of = tally.get(kind) ?? { days: 0, found: 0 }
          of.days++
          if (score(one, usual).score >= QUEUE_SCORE) of.found++
          tally.set(kind, of)
        }
      }
    }
    const lines = [...tally].map(([kind, { days, found }]) => `${kind}: ${found} of ${days} merchant-days found`)
    process.stdout.write(`${lines.join('\n')}\n`)
  })

  const rate = (kind: string) => tally.get(kind)!.found / tally.get(kind)!.days

  it('has fewer than one false alarm in five hundred merchant-days', () => {
    const honest = [...tally].filter(([kind]) => !FARMED.includes(kind as never))
    const [days, found] = honest.reduce(([d, f], [, one]) => [d + one.days, f + one.found], [0, 0])
    process.stdout.write(`false alarms: ${found} of ${days} honest merchant-days\n`)
    expect(found / days).toBeLessThan(1 / 500)
  })

  it('finds the case’s farmer, the ring at the threshold, the shared phones and the refunder on nearly every day', () => {
    for (const kind of FARMED.filter((one) => one !== 'farmed-with-care'))
      expect([kind, rate(kind)]).toEqual([kind, expect.closeTo(1, 1)])
  })
})

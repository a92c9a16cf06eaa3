import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Cost, type Demand, fenAnOrder, needOf } from '../bench/scale-model'
import { BENCHES, type Row, type Sitting, sheet } from '../bench/table'

/** The one table of every bench. */

const FOLDER = join(__dirname, '../bench')

function sitting(at: string, ...rows: Row[]): Sitting {
  return { at, cpu: 'EPYC', cores: 2, node: 'v20.20.2', load: [0.4, 1.9], rows }
}
const cellsOf = (text: string) => text.split('\n').map((line) => line.split(/ {2,}/))

describe('the table of every bench', () => {
  it('has every bench there is, and each tells it something', () => {
    const alone = readdirSync(FOLDER).filter((file) => {
      const text = readFileSync(join(FOLDER, file), 'utf8')
      return /^ \* `(npm run bench|npx tsx bench|tsx bench|node --import tsx bench)/m.test(text) && file !== 'table.ts'
    })
    expect(alone.map((file) => file.replace('.ts', '')).sort()).toEqual(Object.keys(BENCHES).sort())
    for (const file of alone)
      expect([file, readFileSync(join(FOLDER, file), 'utf8')]).toEqual([file, expect.stringMatching(/\btell\(/)])
  })

  const quotes: Row = { bench: 'main', name: 'quotes', unit: '/s', value: 8_000, floor: 16_000, ratio: 0.51 }
  const paid: Row = { bench: 'dearest', name: 'p99', unit: 'ms', value: 30, floor: 20 }
  const order: Row = { bench: 'growth', name: 'an order', unit: 'B', value: 1_512 }

  it('shows each figure beside its floor, the rounds’ own ratio where there is one', () => {
    const rows = cellsOf(sheet(sitting('2026-11-30', quotes, paid, order)))
    expect(rows[0]).toEqual(['bench', 'figure', 'value', 'floor', 'ratio'])
    expect(rows[1]).toEqual(['main', 'quotes', '8,000/s', '16,000/s', '0.51'])
    expect(rows[2]).toEqual(['dearest', 'p99', '30.0 ms', '20.0 ms', '1.50'])
    expect(rows[3]).toEqual(['growth', 'an order', '1,512 B', '–', '–'])
    expect(rows[5]![0]).toBe('now: 2026-11-30, 2 cores (EPYC), node v20.20.2, load average 0.4 → 1.9')
  })

  it('sets an earlier sitting beside it: ratios by ratios, what is new, and what is gone', () => {
    const before = sitting('2026-11-01', { ...quotes, value: 4_000, ratio: 0.34 }, { ...order, value: 2_016 }, paid)
    const rows = cellsOf(sheet(sitting('2026-11-30', quotes, order, { ...paid, name: 'p50' }), before))
    expect(rows[0]).toEqual(['bench', 'figure', 'before', 'ratio', 'now', 'floor', 'ratio', 'change'])
    expect(rows[1]).toEqual(['main', 'quotes', '4,000/s', '0.34', '8,000/s', '16,000/s', '0.51', '+50 %'])
    expect(rows[2]).toEqual(['growth', 'an order', '2,016 B', '–', '1,512 B', '–', '–', '-25 %'])
    expect(rows[3]).toEqual(['dearest', 'p50', '–', '–', '30.0 ms', '20.0 ms', '1.50', '–'])
    expect(rows[4]).toEqual(['dearest', 'p99', '30.0 ms', '1.50', '–', '–', '–', '–'])
    expect(rows.at(-1)![0]).toContain('before: 2026-11-01')
  })
})

describe('what a day of orders would need', () => {
  const order: Cost = { bffUs: 2_000, postgresUs: 1_500, redisUs: 50, walBytes: 4_000 }
  const quote: Cost = { bffUs: 200, postgresUs: 0, redisUs: 20, walBytes: 0 }
  const demand: Demand = {
    ...{ ordersPerDay: 8_640_000, quotesBeside: 1, peak: 5, load: 0.5, bytesAnOrder: 3_000, copies: 2 },
    ...{ yuanPerCoreMonth: 100, yuanPerGbMonth: 0.5 },
  }

  it('is what its busiest second needs of processors, half idle, and a year of disks', () => {
    const need = needOf(order, quote, demand)
    expect(need).toMatchObject({ meanPerSecond: 100, peakPerSecond: 500, bffs: 3, postgresCores: 2, redisShards: 1 })
    expect(need.walMbPerSecond).toBeCloseTo(2)
    expect(need.walGbPerDay).toBeCloseTo(34.56)
    expect(need.gbPerDay).toBeCloseTo(25.92)
    expect(need.tbPerYear).toBeCloseTo(9.4608)
    // three BFFs, a Redis, two cores twice; and half a year of both copies
    expect(need.yuanPerMonth).toBeCloseTo(8 * 100 + 25.92 * 365 * 0.5)
    expect(fenAnOrder(need, demand)).toBeCloseTo((need.yuanPerMonth * 1_200) / (8_640_000 * 365))
  })

  it('never needs less than one of each', () => {
    expect(needOf(order, quote, { ...demand, ordersPerDay: 1 })).toMatchObject({
      bffs: 1,
      postgresCores: 1,
      redisShards: 1,
    })
  })
})

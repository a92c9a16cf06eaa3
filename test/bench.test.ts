import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Measured } from '../bench/desk-pages'
import { vacuumSaid } from '../bench/growth-night'
import type { Size } from '../bench/growth-tables'
import { type Cost, type Demand, fenAnOrder, needOf } from '../bench/scale-model'
import { type AtSize, anOrder, leftOf, pageSheet, sheet as sizesSheet, sumOf, yearTb } from '../bench/sizes-sheet'
import { termsOf } from '../bench/sizes-terms'
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

describe('what a ledger costs at each size', () => {
  const size = (name: string, bytes: number): Size => ({
    ...{ name, rows: 1, heap: bytes - 3, toast: 2, indexes: 1, updates: 0, hot: 0 },
  })
  const measured = (ms: number, buffers: number): Measured => ({ ms, middleMs: ms, plan: { buffers, summary: '' } })
  const vacuum = { seconds: 2, heapPages: 30, indexPages: 40, rows: 50, touched: 100 }
  /** An order keeps 1,000 B of `orders`, 200 B of marks, and 300 B of cards for eight days; on its day it takes 500 B more. */
  const at = (days: number, ms: number): AtSize => ({
    ...{ orders: days * 10, days, ordersADay: 10, vacuum, jobsSeconds: 5, auditSeconds: days },
    ...{ dayAuditSeconds: null, archive: null },
    onDay: [
      size('orders', days * 10_000 + 5_000),
      size('ledger_link_parts', (days - 1) * 2_000),
      size('payer_cards', Math.min(days, 8) * 3_000),
    ],
    afterNight: [
      size('orders', days * 10_000 + 5_000),
      size('ledger_link_parts', days * 2_000),
      size('payer_cards', Math.min(days, 8) * 3_000),
    ],
    earlier: {
      days: 1,
      afterNight: [size('orders', 15_000), size('ledger_link_parts', 2_000), size('payer_cards', 3_000)],
    },
    pages: [
      { name: 'orders, newest', measured: measured(ms, 60) },
      { name: 'report of a day by day', measured: measured(20, ms * 10) },
      { name: 'report of all by day', measured: measured(5_000, 9_000) },
    ],
  })

  it('is what one more order adds, and on its day what it takes in the room that others left', () => {
    expect(anOrder(at(20, 8))).toEqual([
      { table: 'orders', after: 1_000, onItsDay: 1_500 },
      { table: 'payer_cards', after: 300, onItsDay: 300 },
      { table: 'ledger_link_parts', after: 200, onItsDay: 0 },
    ])
    expect(sumOf(anOrder(at(20, 8)), 'after')).toBe(1_500)
  })

  it('is for a year what is kept for ever, of a few days what is kept for a few, and of what is archived what stays', () => {
    const all = anOrder(at(20, 8))
    expect(leftOf(all)).toBe(1_000 * 0.01 + 200)
    expect(yearTb(all, 10_000_000)).toBeCloseTo((1_200 * 365 + 300 * 8) / 1e5)
    expect(yearTb(all, 10_000_000, { days: 65, left: 210 })).toBeCloseTo((1_200 * 65 + 300 * 8 + 210 * 300) / 1e5)
    expect(yearTb(all, 10_000_000, { days: 5, left: 0 })).toBeCloseTo((1_500 * 5) / 1e5)
  })

  it('stands in a column a size, with how much the last is more than the first', () => {
    const rows = cellsOf(sizesSheet([at(10, 8), at(20, 12)], (page) => (page === 'orders, newest' ? 10 : Infinity)))
    const row = (name: string) => rows.find((cells) => cells[0] === name || cells[1] === name)
    expect(rows[0]).toEqual(['', '100 orders', '200 orders', 'last / first'])
    expect(row('bytes an order after its night')).toEqual([
      'bytes an order after its night',
      '1,500',
      '1,500',
      '× 1.00',
    ])
    expect(row('the slowest list, ms')).toEqual(['the slowest list, ms', '8.0', '12.0', '× 1.50'])
    expect(row('the slowest report of a day, ms')).toEqual([
      'the slowest report of a day, ms',
      '20.0',
      '20.0',
      '× 1.00',
    ])
    expect(row('slower than it is to be')).toEqual(['slower than it is to be', '0', '1', '–'])
    expect(row('the audit of all, s')).toEqual(['the audit of all, s', '10.0', '20.0', '× 2.00'])
    expect(row('the audit of a day, s')).toEqual(['the audit of a day, s', '–', '–', '–'])
    const pages = cellsOf(pageSheet([at(10, 8), at(20, 12)]))
    expect(pages[2]).toEqual(['report of a day by day', '20.0 (80)', '20.0 (120)', '× 1.50'])
  })

  it('counts what VACUUM said of our tables, and of indexes where they were read', () => {
    const said = (table: string, scans: number) =>
      `finished vacuuming "fapai_1.${table}": index scans: ${scans}
pages: 0 removed, 900 remain, 70 scanned (7.78% of total)
tuples: 80 removed, 2000 remain, 0 are dead but not yet removable
index "orders_pkey": pages: 33 in total, 0 newly deleted, 0 currently deleted, 0 reusable
buffer usage: 500 hits, 6 misses, 4 dirtied`
    const all = [said('public.orders', 1), said('public.outbox', 0), said('pg_toast.pg_toast_1', 1), 'vacuuming "x"']
    expect(vacuumSaid(all)).toEqual({ heapPages: 140, indexPages: 33, rows: 160, touched: 1_012 })
  })

  it('is asked for sizes that grow, and says what else is wrong', () => {
    expect(termsOf([])).toEqual({ sizes: [500_000, 1_000_000, 2_000_000], days: 10, paid: 2_000, keep: 90 })
    expect(termsOf(['4000', '8000', '--days', '4'])).toMatchObject({ sizes: [4_000, 8_000], days: 4 })
    for (const wrong of [['8000', '4000'], ['many'], ['100', '--days', '10'], ['500', '--keep', '0'], ['--tables']])
      expect(() => termsOf(wrong)).toThrow()
  })
})

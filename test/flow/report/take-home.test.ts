import { NO_DISCOUNT_REASONS } from '../../../server/domain/campaign'
import type { DeskOrder, LoggedDeed } from '../../../server/flow/ports'
import { MOST_ROWS, type TakeHomeDeps, takeLog, takeOrders } from '../../../server/flow/report/take-home'
import { REASON_WORDS } from '../../../server/flow/report/words'

const BY = { username: 'viewer', name: '查看', roles: [], branchCode: 'B01' }

/** A desk of so many orders, which says what it was asked. */
function deskOf(many: number) {
  const asked: object[] = []
  const orders = Array.from({ length: many }, (_, i) => ({
    orderNo: `F${i}`,
    businessDate: '2026-11-20',
    createdAt: i,
  }))
  const deps = {
    clock: { now: () => Date.parse('2026-11-21T12:05:00+08:00') },
    operators: {
      log: async (deed: object) => void asked.push({ deed }),
      countDeeds: async () => 0,
      deeds: async (filter: object) => {
        asked.push(filter)
        return [] as LoggedDeed[]
      },
    },
    desk: {
      orders: {
        countOrders: async (_: object, most: number) => Math.min(many, most),
        orders: async (filter: { after?: { number: string }; limit: number; branchCode: string | null }) => {
          asked.push(filter)
          const from = filter.after ? Number(filter.after.number.slice(1)) + 1 : 0
          return orders.slice(from, from + filter.limit) as DeskOrder[]
        },
      },
    },
  } as unknown as TakeHomeDeps
  return { deps, asked }
}

async function rowsOf(many: number) {
  const { deps, asked } = deskOf(many)
  const sheet = await takeOrders(deps, BY, { state: 'paid', date: undefined }, 'xlsx')
  if (typeof sheet === 'string') throw new Error(sheet)
  const numbers: unknown[] = []
  let last = false
  for await (const page of sheet.pages()) {
    expect(last).toBe(false)
    numbers.push(...page.rows.map(([orderNo]) => orderNo))
    last = page.last
  }
  expect(last).toBe(true)
  return { sheet, numbers, asked }
}

describe('a list that is taken home', () => {
  it.each([0, 1, 499, 500, 501, 1_000])('has each of %d rows once', async (many) => {
    const { numbers, sheet } = await rowsOf(many)
    expect(numbers).toEqual(Array.from({ length: many }, (_, i) => `F${i}`))
    expect(sheet.total).toBe(many)
  })

  it('is in the log with its filters and number before a row is read, and has the operator’s branch alone', async () => {
    const { asked, sheet } = await rowsOf(3)
    expect(asked[0]).toEqual({
      deed: {
        at: Date.parse('2026-11-21T12:05:00+08:00'),
        username: 'viewer',
        action: 'order.export',
        subject: 'order/export',
        after: { file: '订单-202611211205.xlsx', rows: 3, filter: { state: 'paid' } },
      },
    })
    expect(asked[1]).toMatchObject({ branchCode: 'B01', state: 'paid' })
    expect(sheet.fileName).toBe('订单-202611211205.xlsx')
  })

  it('is refused before anything is read or logged, where it is more than one file may have', async () => {
    const { deps, asked } = deskOf(MOST_ROWS + 1)
    expect(await takeOrders(deps, BY, {}, 'csv')).toBe('export-too-large')
    expect(asked).toEqual([])
    const most = deskOf(MOST_ROWS)
    expect(await takeOrders(most.deps, BY, {}, 'csv')).toMatchObject({ total: MOST_ROWS })
  })

  it('reads the log by business dates', async () => {
    const { deps, asked } = deskOf(0)
    const sheet = await takeLog(deps, BY, { from: '2026-11-20', to: '2026-11-20', noun: 'brake' }, 'csv')
    if (typeof sheet === 'string') throw new Error(sheet)
    for await (const page of sheet.pages()) expect(page).toEqual({ rows: [], last: true })
    const from = Date.parse('2026-11-20T00:00:00+08:00')
    expect(asked[1]).toMatchObject({ from, until: from + 86_400_000, noun: 'brake' })
  })
})

it('every reason has words of its own', () => {
  expect(Object.keys(REASON_WORDS).sort()).toEqual([...NO_DISCOUNT_REASONS].sort())
  expect(new Set(Object.values(REASON_WORDS)).size).toBe(NO_DISCOUNT_REASONS.length)
})

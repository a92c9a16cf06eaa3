import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import MerchantPage from '../../src/pages/merchant/index'
import MerchantOrderPage from '../../src/pages/merchant-order/index'
import OrdersPage from '../../src/pages/orders/index'
import ResultPage from '../../src/pages/result/index'
import { FakeSocket } from '../support/live-socket'
import { fake } from '../support/taro'
import { arrivalOf, bff, orderOf, problem, summaryOf } from '../support/taro-bff'

/** What payers and merchants see of days that are archived: never that there was nothing. */

const NO = 'F20260131-7K3M-92QX-4T8B'
const BEFORE = '2026-02-01'
const SAID = `${BEFORE} 之前的订单已归档`

beforeEach(() => {
  jest.useFakeTimers({ now: Date.parse('2026-11-20T04:10:00.000Z') })
  fake.reset()
  fake.params = { orderNo: NO, merchant: 'M0001' }
  FakeSocket.opened = []
  Object.assign(globalThis, { WebSocket: FakeSocket, FAPAI_SANDBOX: true })
})
afterEach(() => {
  cleanup()
  jest.useRealTimers()
})

const pass = (ms = 0) => act(() => jest.advanceTimersByTimeAsync(ms))
async function open(Page: () => JSX.Element, routes: Parameters<typeof bff>[0]) {
  fake.answer = bff(routes)
  render(<Page />)
  await pass()
}
const page = () => document.querySelector('.page')?.textContent ?? ''

describe('an archived order', () => {
  it('is told to its payer with whom to ask, and not asked about again and again', async () => {
    await open(ResultPage, { [`GET /api/orders/${NO}`]: () => problem(410, 'order-archived') })
    expect(page()).toContain('该订单已归档')
    expect(page()).toContain('请联系银行')
    expect(page()).not.toContain('没有找到')
    expect(screen.queryByRole('button', { name: '重新查询' })).toBeNull()
    await pass(60_000)
    expect(fake.sent('GET', `/api/orders/${NO}`)).toHaveLength(1)
  })

  it('is told to its merchant so, without a way to refund it', async () => {
    await open(MerchantOrderPage, { [`GET /api/merchant/orders/${NO}`]: () => problem(410, 'order-archived') })
    expect(page()).toContain('该订单已归档')
    expect(page()).toContain('请联系银行')
    expect(screen.queryAllByRole('button')).toEqual([])
  })
})

describe('a payer’s list', () => {
  it('that has nothing left says that older ones are archived, and not that there were none', async () => {
    await open(OrdersPage, { 'GET /api/orders': () => ({ data: { items: [], archivedBefore: BEFORE } }) })
    expect(page()).toBe(`付近期没有付款记录${SAID}`)
  })

  it('says so at its end alone', async () => {
    const items = [orderOf()]
    await open(OrdersPage, {
      'GET /api/orders': ({ path }) => ({
        data: path.includes('cursor') ? { items: [], archivedBefore: BEFORE } : { items, nextCursor: 'c' },
      }),
    })
    expect(page()).not.toContain('归档')
    fireEvent.click(screen.getByRole('button', { name: '加载更多' }))
    await pass()
    expect(page()).toContain(SAID)
  })
})

describe('a merchant’s day', () => {
  const day = (items: object[]) => ({
    'GET /api/merchant/summary': () => ({ data: summaryOf() }),
    'GET /api/merchant/orders': ({ path }: { path: string }) => ({
      data: path.includes('2026-11-19') ? { items, archivedBefore: '2026-11-20' } : { items: [] },
    }),
  })
  async function yesterday(items: object[]) {
    await open(MerchantPage, day(items))
    expect(page()).not.toContain('归档')
    fireEvent.click(screen.getByRole('button', { name: '昨天' }))
    await pass()
  }

  it('that is archived says that its orders aren’t there', async () => {
    await yesterday([])
    expect(page()).toContain('这一天的明细已归档')
    expect(page()).not.toContain('这一天没有收款')
  })

  it('of which a few orders stayed says that they aren’t all', async () => {
    await yesterday([arrivalOf('F20261119-7K3M-92QX-7F2A', '2026-11-19T04:06:12.000Z')])
    expect(page()).toContain('2026-11-20 之前的订单已归档')
  })
})

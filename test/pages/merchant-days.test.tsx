import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import MerchantPage from '../../src/pages/merchant/index'
import { host } from '../../src/platform/host'
import { FakeSocket } from '../support/live-socket'
import { fake } from '../support/taro'
import { arrivalOf, bff, summaryOf } from '../support/taro-bff'

beforeEach(() => {
  // 12:10 in Shanghai, a Friday
  jest.useFakeTimers({ now: Date.parse('2026-11-20T04:10:00.000Z') })
  fake.reset()
  fake.params = { merchant: 'M0001' }
  FakeSocket.opened = []
  Object.assign(globalThis, { WebSocket: FakeSocket, FAPAI_SANDBOX: true })
})
afterEach(() => {
  cleanup()
  jest.useRealTimers()
})

const pass = (ms: number) => act(() => jest.advanceTimersByTimeAsync(ms))
async function open(routes: Parameters<typeof bff>[0] = {}) {
  fake.answer = bff({
    'GET /api/merchant/summary': () => ({ data: summaryOf() }),
    'GET /api/merchant/orders': () => ({ data: { items: [] } }),
    ...routes,
  })
  render(<MerchantPage />)
  await pass(0)
}
const summary = () => document.querySelector('.summary')?.textContent
const orders = () => [...document.querySelectorAll('.order')].map((order) => order.textContent)
const live = () => document.querySelector('.live')?.textContent

describe('other days', () => {
  it('reads the day that was chosen, which is not live', async () => {
    await open()
    fireEvent.click(screen.getByRole('button', { name: '昨天' }))
    await pass(0)
    expect(fake.sent('GET', '/api/merchant/summary').at(-1)?.path).toBe('/api/merchant/summary?date=2026-11-19')
    expect(fake.sent('GET', '/api/merchant/orders').at(-1)?.path).toBe('/api/merchant/orders?date=2026-11-19')
    expect(screen.getByRole('button', { name: '昨天' }).getAttribute('aria-pressed')).toBe('true')
    // what arrives meanwhile is still heard
    expect(FakeSocket.opened.map(({ closed }) => closed)).toEqual([false])
    expect(live()).toBeUndefined()
    expect(summary()).toMatch(/^当日到账（含奖励）/)
  })

  it('takes any day before today from the picker, none after', async () => {
    await open()
    const picker = screen.getByLabelText('选日期', { selector: 'input' })
    fireEvent.change(picker, { target: { value: '2026-11-21' } })
    expect(fake.sent('GET', '/api/merchant/summary')).toHaveLength(1)
    fireEvent.change(picker, { target: { value: '2026-11-02' } })
    await pass(0)
    expect(fake.sent('GET', '/api/merchant/summary').at(-1)?.path).toBe('/api/merchant/summary?date=2026-11-02')
    expect(document.querySelector('.day-picker')?.textContent).toBe('11-02')
  })

  it('drops what comes late of a day no longer looked at', async () => {
    let late: (() => void) | undefined
    await open({
      'GET /api/merchant/summary': ({ path }) =>
        path.endsWith('2026-11-19')
          ? new Promise((resolve) => {
              late = () => resolve({ data: summaryOf({ receivedFen: 1 }) })
            })
          : { data: summaryOf() },
    })
    fireEvent.click(screen.getByRole('button', { name: '昨天' }))
    await pass(0)
    fireEvent.click(screen.getByRole('button', { name: '今天' }))
    await pass(0)
    late?.()
    await pass(0)
    expect(summary()).toMatch(/^今日到账（含奖励）¥2,846.35/)
  })
})

describe('an order that was opened before midnight and paid after it', () => {
  const LATE = arrivalOf('F20261119-7K3M-92QX-7F2A', '2026-11-19T16:00:20.000Z')
  const arrives = () => act(async () => FakeSocket.last.says({ type: 'order', cursor: 'c1', order: LATE }))

  it('is none of today’s, which counts it nowhere, nor after a refresh', async () => {
    await open()
    await act(async () => FakeSocket.last.says({ type: 'ready' }))
    await arrives()
    await pass(1_000)
    expect(orders()).toEqual([])
    await act(async () => FakeSocket.last.says({ type: 'beat', behind: true }))
    await pass(0)
    expect(orders()).toEqual([])
  })

  it('is put on the list of its own day, whose totals are read anew', async () => {
    await open()
    await act(async () => FakeSocket.last.says({ type: 'ready' }))
    fireEvent.click(screen.getByRole('button', { name: '昨天' }))
    await pass(0)
    const read = () => fake.sent('GET', '/api/merchant/summary').map(({ path }) => path)
    const before = read()
    await arrives()
    await pass(1_000)
    expect(orders()).toHaveLength(1)
    expect(read().slice(before.length)).toEqual(['/api/merchant/summary?date=2026-11-19'])
  })
})

describe('a week and a month', () => {
  const day = (businessDate: string, receivedFen: number) => {
    const rest = { orderCount: 2, amountFen: receivedFen - 500, rewardCount: 1, refundCount: 0, refundedFen: 0 }
    return { businessDate, ...rest, rewardFen: 500, receivedFen }
  }
  const asked = () => fake.sent('GET', '/api/merchant/days').map(({ path }) => path.split('?')[1])
  const days = {
    'GET /api/merchant/days': () => {
      const { businessDate: _, ...total } = day('', 9_000)
      return { data: { from: '', to: '', total, days: [day('2026-11-16', 4_000), day('2026-11-20', 5_000)] } }
    },
  }

  it('begin on Monday and on the first, end today, and go back; a day leads to its orders', async () => {
    await open(days)
    fireEvent.click(screen.getByRole('button', { name: '周' }))
    await pass(0)
    expect(summary()).toBe('本周到账（含奖励）¥90.00收款 2 笔¥85.00奖励 1 笔+¥5.00')
    expect(orders()).toEqual(['11-20 周五收款 2 笔¥50.00含奖励 ¥5.00', '11-16 周一收款 2 笔¥40.00含奖励 ¥5.00'])
    for (const press of ['‹ 上一周', '下一周 ›', '月', '‹ 上一月'])
      await act(async () => fireEvent.click(screen.getByRole('button', { name: press })))
    expect(asked()).toEqual([
      'from=2026-11-16&to=2026-11-20',
      'from=2026-11-09&to=2026-11-15',
      'from=2026-11-16&to=2026-11-20',
      'from=2026-11-01&to=2026-11-20',
      'from=2026-10-01&to=2026-10-31',
    ])
    await act(async () => fireEvent.click(document.querySelectorAll('.order')[1]!))
    await pass(0)
    expect(fake.sent('GET', '/api/merchant/summary').at(-1)?.path).toBe('/api/merchant/summary?date=2026-11-16')
  })

  it('give a file of the orders: fetched as the merchant, then handed on by the person’s own tap', async () => {
    const fetched = jest.spyOn(host, 'file')
    fetched.mockResolvedValueOnce(503)
    const hand = jest.fn(async () => true)
    fetched.mockResolvedValue({ verb: '保存表格', hand })
    await open(days)
    const press = async (name: string) => {
      fireEvent.click(screen.getByRole('button', { name }))
      await pass(0)
    }
    await press('周')
    await press('导出订单表格（CSV）')
    expect(screen.getByText('服务暂时不可用，请稍后重试')).toBeTruthy()
    await press('导出订单表格（CSV）')
    expect(hand).not.toHaveBeenCalled()
    await press('保存表格')
    expect(hand).toHaveBeenCalledTimes(1)
    const path = '/api/merchant/orders.csv?from=2026-11-16&to=2026-11-20'
    expect(fetched).toHaveBeenLastCalledWith(
      path,
      { Authorization: 'Bearer token-1' },
      'M0001-2026-11-16-2026-11-20.csv',
    )
    fetched.mockRestore()
  })
})

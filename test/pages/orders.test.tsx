import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import OrdersPage from '../../src/pages/orders/index'
import { fake } from '../support/taro'
import { bff, orderOf } from '../support/taro-bff'

beforeEach(() => {
  fake.reset()
  // the day after
  jest.spyOn(Date, 'now').mockReturnValue(Date.parse('2026-11-21T04:00:00.000Z'))
})
afterEach(() => {
  cleanup()
  jest.restoreAllMocks()
})

type Answer = Parameters<typeof bff>[0][string]
async function open(answer: Answer) {
  fake.answer = bff({ 'GET /api/orders': answer })
  await act(async () => void render(<OrdersPage />))
}
const text = () => document.querySelector('.page')?.textContent
const lines = () => [...document.querySelectorAll('.line')].map((line) => line.textContent)
const press = (name: string | RegExp) => act(async () => fireEvent.click(screen.getByRole('button', { name })))
const show = () => act(async () => fake.didShow.forEach((tell) => void tell()))

const numbered = (no: string, more = {}) => orderOf({ orderNo: `F20261120-7K3M-92QX-${no}`, ...more })
const challenge = { kind: 'challenge' as const, params: {}, expiresAt: '2026-11-20T04:13:30.000Z' }

describe('the payer’s own payments', () => {
  it('each says where, when, how much and how it stands', async () => {
    const items = [
      numbered('0006', { state: 'paying', endedAt: null, action: challenge }),
      numbered('0005', { state: 'paying', endedAt: null }),
      numbered('0004', { state: 'closed', closeReason: 'insufficient-funds' }),
      numbered('0003', { refundedFen: 3_333 }),
      numbered('0002', { refundedFen: 9_500 }),
      numbered('0001'),
    ]
    await open(() => ({ data: { items } }))
    expect(lines()).toEqual(
      ['…等您确认', '…银行处理中', '×没付成，没扣款', '✓已付款，退了 ¥33.33', '退已全额退款', '✓已付款'].map(
        (state) => `${state[0]}老街牛肉面11-20 12:08 · 南城银行¥95.00${state.slice(1)}`,
      ),
    )
    fireEvent.click(document.querySelector('.line')!)
    expect(fake.visits).toEqual(['navigateTo /pages/result/index?orderNo=F20261120-7K3M-92QX-0006'])
  })

  it('one that nobody paid looks otherwise: its sign, its colour, its figure struck out', async () => {
    const items = [numbered('0002', { state: 'closed', closeReason: 'order-closed' }), numbered('0001')]
    await open(() => ({ data: { items } }))
    const looks = (part: string) => [...document.querySelectorAll(`.own__${part}`)].map((one) => one.className)
    expect(looks('mark')).toEqual(['own__mark own__mark--not', 'own__mark own__mark--paid'])
    expect(looks('amount').map((name) => name.split('--')[1])).toEqual(['not', 'paid'])
  })

  it('says what was saved in all; without that the list is the same', async () => {
    fake.answer = bff({
      'GET /api/orders': () => ({ data: { items: [numbered('0001')] } }),
      'GET /api/savings': () => ({ data: { orderCount: 12, savedFen: 5_150 } }),
    })
    await act(async () => void render(<OrdersPage />))
    expect(document.querySelector('.saved')?.textContent).toBe('12 笔付款，一共省了¥51.50')
    fake.answer = bff({
      'GET /api/orders': () => ({ data: { items: [numbered('0001')] } }),
      'GET /api/savings': () => 'offline',
    })
    await show()
    expect(document.querySelector('.saved')?.textContent).toBe('12 笔付款，一共省了¥51.50')
    cleanup()
    await open(() => ({ data: { items: [numbered('0001')] } }))
    expect(document.querySelector('.saved')).toBeNull()
    expect(lines()).toHaveLength(1)
  })

  it('two hundred come a page at a time, each once, and the last one ends them', async () => {
    const all = Array.from({ length: 200 }, (_, i) => numbered(String(i).padStart(4, '0')))
    await open(({ path }) => {
      const from = Number(/cursor=(\d+)/.exec(path)?.[1] ?? 0)
      const nextCursor = from + 20 < all.length ? String(from + 20) : undefined
      return { data: { items: all.slice(from, from + 20), nextCursor } }
    })
    for (let page = 1; page < 10; page++) {
      expect(lines()).toHaveLength(20 * page)
      await act(async () => fake.reachBottom.forEach((tell) => void tell()))
    }
    expect(lines()).toHaveLength(200)
    expect(screen.queryByText('加载更多')).toBeNull()
    await act(async () => fake.reachBottom.forEach((tell) => void tell()))
    expect(fake.sent('GET', '/api/orders')).toHaveLength(10)
  })

  it('nobody’s first time is an error', async () => {
    await open(() => ({ data: { items: [] } }))
    expect(text()).toBe('付还没有付款记录付过的款和没有付完的款都会在这里')
  })

  it('offline at first: says so, and reads when asked to', async () => {
    await open(() => 'offline')
    expect(text()).toBe('!网络不通请检查网络后重试重试')
    fake.answer = bff({ 'GET /api/orders': () => ({ data: { items: [numbered('0001')] } }) })
    await press('重试')
    expect(lines()).toHaveLength(1)
  })

  it('a second page joins below, by the end of the page or by the button; each order once', async () => {
    const pages: Record<string, object> = {
      '/api/orders': { items: [numbered('0003'), numbered('0002')], nextCursor: 'c/1' },
      '/api/orders?cursor=c%2F1': { items: [numbered('0002'), numbered('0001')] },
    }
    await open(({ path }) => ({ data: pages[path] }))
    await act(async () => fake.reachBottom.forEach((tell) => void tell()))
    expect(lines()).toHaveLength(3)
    expect(screen.queryByText('加载更多')).toBeNull()
  })

  it('what was read stays in sight when the network goes, said to be old', async () => {
    const known = { items: [numbered('0002')], nextCursor: 'c1' }
    await open(({ path }) => (path.includes('cursor') ? 'offline' : { data: known }))
    await press('加载更多')
    expect(lines()).toHaveLength(1)
    expect(text()).toContain('网络不通，显示的可能不是最新')
    fake.answer = bff({ 'GET /api/orders': () => ({ data: { items: [numbered('0001')] } }) })
    await press('重试')
    expect(lines()).toHaveLength(2)
    expect(text()).not.toContain('不是最新')
  })

  it('back in sight it reads the newest again, and keeps what lies below', async () => {
    await open(() => ({ data: { items: [numbered('0002', { state: 'paying' }), numbered('0001')], nextCursor: 'c1' } }))
    const items = [numbered('0003'), numbered('0002')]
    fake.answer = bff({ 'GET /api/orders': () => ({ data: { items, nextCursor: 'c2' } }) })
    await show()
    expect(lines().map((line) => line?.slice(-3))).toEqual(['已付款', '已付款', '已付款'])
    expect(fake.sent('GET', '/api/orders')).toHaveLength(2)
  })

  it('when more came in than a page has, nothing between is left out', async () => {
    await open(() => ({ data: { items: [numbered('0001')] } }))
    fake.answer = bff({ 'GET /api/orders': () => ({ data: { items: [numbered('0009')], nextCursor: 'c9' } }) })
    await show()
    expect(lines()).toHaveLength(1)
    expect(screen.getByRole('button', { name: '加载更多' })).toBeTruthy()
  })
})

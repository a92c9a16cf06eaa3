import type { LiveMessage } from '@contract'
import { act, cleanup, render } from '@testing-library/react'
import MerchantPage from '../../src/pages/merchant/index'
import { FakeSocket } from '../support/live-socket'
import { fake } from '../support/taro'
import { arrivalOf, bff, problem, summaryOf } from '../support/taro-bff'

/** Live means live: the page believes its socket only while it hears from it. */

beforeEach(() => {
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
const says = (message: LiveMessage) => act(async () => FakeSocket.last.says(message))
const BEAT: LiveMessage = { type: 'beat', behind: false }

async function open(routes: Parameters<typeof bff>[0] = {}) {
  fake.answer = bff({
    'GET /api/merchant/summary': () => ({ data: summaryOf() }),
    'GET /api/merchant/orders': () => ({ data: { items: [] } }),
    ...routes,
  })
  render(<MerchantPage />)
  await pass(0)
}
const live = () => document.querySelector('.live')?.textContent
const notice = () => document.querySelector('.live-down')?.textContent
const readings = () => fake.sent('GET', '/api/merchant/orders').length

describe('a socket', () => {
  it('that beats is believed for hours, and no other is opened', async () => {
    await open()
    await says({ type: 'ready' })
    for (let i = 0; i < 20; i++) {
      await pass(20_000)
      await says(BEAT)
      expect(live()).toBe('实时')
    }
    expect(FakeSocket.opened).toHaveLength(1)
  })

  it('that is silent for more than two beats is not: another is opened and reads what was missed', async () => {
    await open()
    await says({ type: 'ready' })
    const order = arrivalOf('F20261120-7K3M-92QX-92QX', '2026-11-20T04:08:31.000Z')
    await says({ type: 'order', cursor: 'c7', order })
    await pass(44_999)
    expect(live()).toBe('实时')
    const before = readings()
    await pass(1)
    expect(live()).toBe('已断开，重连中')
    expect(FakeSocket.opened[0]!.closed).toBe(true)
    await pass(1_000)
    expect(FakeSocket.last.url).toBe('ws://localhost/api/merchant/live?after=c7')
    await says({ type: 'ready' })
    expect([live(), readings()]).toEqual(['实时', before + 1])
  })

  it('that never becomes ready is given up after ten seconds', async () => {
    await open()
    await pass(9_999)
    expect(FakeSocket.opened).toHaveLength(1)
    await pass(1_001)
    expect(FakeSocket.opened).toHaveLength(2)
  })

  it.each<[string, () => void]>([
    ['the person comes back to the page', () => document.dispatchEvent(new Event('visibilitychange'))],
    ['the network returns', () => window.dispatchEvent(new Event('online'))],
  ])('is replaced when %s, without waiting for its silence', async (_, happens) => {
    await open()
    await says({ type: 'ready' })
    const before = readings()
    await act(async () => happens())
    await pass(0)
    expect([FakeSocket.opened.length, FakeSocket.opened[0]!.closed, live()]).toEqual([2, true, '连接中'])
    await says({ type: 'ready' })
    // at once, since what is in sight may be old, and once more behind the last that the feed can have missed
    expect([live(), readings()]).toEqual(['实时', before + 2])
  })

  it('that was replaced has nothing more to say', async () => {
    await open()
    await says({ type: 'ready' })
    const old = FakeSocket.last
    const late = old.onmessage
    await act(async () => void window.dispatchEvent(new Event('online')))
    await pass(0)
    act(() => late?.({ data: JSON.stringify({ type: 'ready' }) }))
    expect(live()).toBe('连接中')
  })
})

describe('a telephone without a network', () => {
  it('says so at once and not as live, then that what is in sight may be old; back again it goes on without a repeat', async () => {
    let offline = false
    const order = arrivalOf('F20261120-7K3M-92QX-92QX', '2026-11-20T04:08:31.000Z')
    await open({ 'GET /api/merchant/orders': () => (offline ? 'offline' : { data: { items: [order] } }) })
    await says({ type: 'ready' })
    await says({ type: 'order', cursor: 'c7', order })
    offline = true
    await act(async () => void window.dispatchEvent(new Event('offline')))
    expect([live(), FakeSocket.opened[0]!.closed]).toEqual(['已断开，重连中', true])
    for (const pauseMs of [1_000, 2_000, 4_000]) {
      await pass(pauseMs)
      act(() => FakeSocket.last.close())
    }
    await pass(0)
    expect(notice()).toBe('网络不通，显示的可能不是最新，恢复后自动补上')
    offline = false
    await act(async () => void window.dispatchEvent(new Event('online')))
    await pass(0)
    expect(FakeSocket.last.url).toBe('ws://localhost/api/merchant/live?after=c7')
    await says({ type: 'ready' })
    await says({ type: 'order', cursor: 'c7', order })
    expect([live(), notice(), document.querySelectorAll('.order').length]).toEqual(['实时', undefined, 1])
  })
})

describe('a feed that is behind', () => {
  it('says so on the page, which looks for itself every ten seconds, until it is live again', async () => {
    await open()
    await says({ type: 'ready' })
    let before = readings()
    await says({ type: 'beat', behind: true })
    expect([live(), notice()]).toEqual(['非实时', '实时到账暂不可用，每 10 秒刷新'])
    expect(readings()).toBe(before + 1)
    await pass(20_000)
    expect(readings()).toBe(before + 3)
    before = readings()
    await says(BEAT)
    expect([live(), notice(), readings()]).toEqual(['实时', undefined, before + 1])
    await pass(30_000)
    expect(readings()).toBe(before + 1)
  })

  it('is what a server counts as that can’t be reached for some seconds', async () => {
    await open()
    await says({ type: 'ready' })
    act(() => FakeSocket.last.close())
    expect([live(), notice()]).toEqual(['已断开，重连中', undefined])
    for (const pauseMs of [1_000, 2_000, 4_000]) {
      await pass(pauseMs)
      act(() => FakeSocket.last.close())
    }
    expect(notice()).toBe('实时到账暂不可用，每 10 秒刷新')
    await pass(8_000)
    await says({ type: 'ready' })
    expect([live(), notice()]).toEqual(['实时', undefined])
  })
})

it('a reading that failed is repeated though the socket is live', async () => {
  let down = true
  await open({
    'GET /api/merchant/orders': () => (down && readings() > 1 ? problem(503, 'busy') : { data: { items: [] } }),
  })
  await says({ type: 'ready' })
  expect(document.querySelector('.orders__stale')?.textContent).toBe('服务暂时不可用，显示的可能不是最新')
  down = false
  await pass(10_000)
  expect(document.querySelector('.orders__stale')).toBeNull()
})

describe('refunds', () => {
  it('are in the totals, which add up', async () => {
    const day = {
      orderCount: 2,
      amountFen: 20_000,
      rewardCount: 1,
      rewardFen: 500,
      refundCount: 1,
      refundedFen: 10_500,
    }
    await open({
      'GET /api/merchant/summary': () => ({
        data: summaryOf({ ...day, receivedFen: 10_000, slots: null, today: null }),
      }),
    })
    expect(document.querySelector('.summary')?.textContent).toBe(
      '今日到账（收款 + 奖励 − 退款）¥100.00收款 2 笔¥200.00奖励 1 笔+¥5.00退款 1 笔（含退回的奖励）−¥105.00本行收款实时入结算账户，尾号 6001',
    )
  })

  it('of more than came in leave a total below zero', async () => {
    const day = { orderCount: 0, amountFen: 0, rewardCount: 0, rewardFen: 0, refundCount: 1, refundedFen: 10_500 }
    await open({ 'GET /api/merchant/summary': () => ({ data: summaryOf({ ...day, receivedFen: -10_500 }) }) })
    expect(document.querySelector('.summary__total')?.textContent).toBe('−¥105.00')
  })

  it('of a reward alone, taken back, are no payment that came in', async () => {
    await open()
    await says({ type: 'ready' })
    const summaries = () => fake.sent('GET', '/api/merchant/summary').length
    const heard = () => document.querySelector('.heard[role=status]')?.textContent
    for (const [paidAt, rows] of [
      ['2026-11-19T04:08:31.000Z', []],
      ['2026-11-20T04:08:31.000Z', ['奖励已收回 −¥5.00']],
    ] as const) {
      const before = summaries()
      const order = arrivalOf(`F${paidAt.slice(0, 10).replaceAll('-', '')}-7K3M-92QX-BACK`, paidAt, {
        refundedFen: 0,
        returnedFen: 500,
      })
      await says({ type: 'order', cursor: paidAt, order })
      await pass(300)
      expect([summaries(), heard()]).toEqual([before + 1, ''])
      expect([...document.querySelectorAll('.order__refund')].map((one) => one.textContent)).toEqual(rows)
      expect(document.querySelector('.order--fresh')).toBeNull()
    }
  })

  it('are beside the orders they gave back, in full or in part', async () => {
    const at = '2026-11-20T04:08:31.000Z'
    const items = [
      arrivalOf('F20261120-7K3M-92QX-FULL', at, { refundedFen: 9_500, returnedFen: 10_500 }),
      arrivalOf('F20261120-7K3M-92QX-PART', at, { refundedFen: 3_333, returnedFen: 3_683 }),
    ]
    await open({ 'GET /api/merchant/orders': () => ({ data: { items } }) })
    const said = [...document.querySelectorAll('.order__refund')].map((one) => one.textContent)
    expect(said).toEqual(['已全额退款 −¥105.00', '部分退款 −¥36.83'])
  })
})

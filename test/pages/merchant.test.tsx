import type { LiveMessage } from '@contract'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import MerchantPage from '../../src/pages/merchant/index'
import { FakeSocket } from '../support/live-socket'
import { fake } from '../support/taro'
import { arrivalOf, bff, problem, summaryOf, TODAYS } from '../support/taro-bff'

/** 2026-11-20 12:10 in Shanghai. */
const NOW = Date.parse('2026-11-20T04:10:00.000Z')

beforeEach(() => {
  jest.useFakeTimers({ now: NOW })
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

/** The server says this on the newest socket; what it makes the page ask for is answered. */
const says = (message: LiveMessage) => act(async () => FakeSocket.last.says(message))

const FIRST = arrivalOf('F20261120-7K3M-92QX-7F2A', '2026-11-20T04:06:12.000Z', {
  amountFen: 3_400,
  merchantRewardFen: 415,
  merchantReceivesFen: 3_815,
})
const PLAIN = arrivalOf('F20261120-7K3M-92QX-0QPE', '2026-11-20T04:05:40.000Z', {
  channel: 'alipay',
  amountFen: 1_850,
  merchantRewardFen: 0,
  merchantReceivesFen: 1_850,
})
const ARRIVAL = arrivalOf('F20261120-7K3M-92QX-92QX', '2026-11-20T04:08:31.000Z')

async function open(routes: Parameters<typeof bff>[0] = {}) {
  fake.answer = bff({
    'GET /api/merchant/summary': () => ({ data: summaryOf() }),
    'GET /api/merchant/orders': () => ({ data: { items: [FIRST, PLAIN] } }),
    ...routes,
  })
  render(<MerchantPage />)
  await pass(0)
}

const summary = () => document.querySelector('.summary')?.textContent
const orders = () => [...document.querySelectorAll('.order')].map((order) => order.textContent)
const live = () => document.querySelector('.live')?.textContent

describe('the merchant page', () => {
  it('shows the day: total, orders, rewards, and the slots as marks', async () => {
    await open()
    expect(document.querySelector('.merchant__name')?.textContent).toBe('老街牛肉面')
    expect(summary()).toBe(
      '今日到账（含奖励）¥2,846.35收款 37 笔¥2,815.00奖励 8 笔+¥31.35今日优惠名额 8 / 20今日还剩 12 份请顾客用本行付款，双方得优惠',
    )
    expect(document.querySelectorAll('.slots__mark')).toHaveLength(20)
    expect(document.querySelectorAll('.slots__mark--used')).toHaveLength(8)
    expect(screen.getByRole('img', { name: '今日优惠名额 8 / 20' })).toBeTruthy()
  })

  it.each(TODAYS)('says what can be given as the payer’s pages do: %s', async (words, given) => {
    const today = { slotsToday: 20, ...given }
    await open({ 'GET /api/merchant/summary': () => ({ data: summaryOf({ today }) }) })
    expect(document.querySelector('.slots__words')?.textContent).toBe(`今日优惠名额 8 / 20${words}`)
    expect(document.querySelector('.slots__invite') !== null).toBe(given.reason === null)
    cleanup()
    await open({ 'GET /api/merchant/summary': () => ({ data: summaryOf({ slots: null, today }) }) })
    expect(document.querySelector('.slots__words')?.textContent).toBe(words)
  })

  it('shows the reward beside each order that has one', async () => {
    await open()
    expect(orders()).toEqual(['本行账户12:06:12 · 尾号 7F2A¥38.15含奖励 +4.15', '支付宝12:05:40 · 尾号 0QPE¥18.50'])
  })

  it('logs in as the owner of the merchant', async () => {
    await open()
    expect(fake.sent('POST', '/api/merchant/session').map(({ body }) => body)).toEqual([
      { platform: 'browser', code: 'merchant-M0001' },
    ])
  })

  it('asks for a merchant when none is named', async () => {
    fake.params = {}
    await open()
    expect(document.querySelector('.page')?.textContent).toBe('店请从商户入口打开缺少商户号')
    expect(fake.requests).toHaveLength(0)
  })

  it('says that nothing came in yet', async () => {
    await open({ 'GET /api/merchant/orders': () => ({ data: { items: [] } }) })
    expect(document.querySelector('.notice')?.textContent).toBe('收今天还没有收款顾客付款后会立即出现在这里')
  })

  it('shows a day without a deck without marks', async () => {
    await open({ 'GET /api/merchant/summary': () => ({ data: summaryOf({ slots: null }) }) })
    expect(document.querySelector('.slots')).toBeNull()
  })

  it('says what is wrong and reads again when asked to', async () => {
    await open({ 'GET /api/merchant/summary': () => problem(503, 'unavailable') })
    expect(document.querySelector('.page')?.textContent).toBe('!服务暂时不可用请稍后重试重试')
    fake.answer = bff({
      'GET /api/merchant/summary': () => ({ data: summaryOf() }),
      'GET /api/merchant/orders': () => ({ data: { items: [] } }),
    })
    fireEvent.click(screen.getByRole('button', { name: '重试' }))
    await pass(0)
    expect(summary()).toContain('¥2,846.35')
  })
})

describe('live arrival', () => {
  it('authenticates by subprotocol and says when it is live', async () => {
    await open()
    expect(live()).toBe('连接中')
    expect(FakeSocket.last.url).toBe('ws://localhost/api/merchant/live')
    expect(FakeSocket.last.protocols).toEqual(['fapai.v1', 'bearer.token-1'])
    await says({ type: 'ready' })
    expect(live()).toBe('实时')
  })

  it('puts a new order on top, reads it out, and reads the summary again', async () => {
    let summaries = 0
    await open({ 'GET /api/merchant/summary': () => ({ data: summaryOf({ orderCount: 37 + summaries++ }) }) })
    await says({ type: 'order', cursor: 'c1', order: ARRIVAL })
    expect(orders()[0]).toBe('本行账户12:08:31 · 尾号 92QX¥105.00含奖励 +5.00')
    expect(document.querySelectorAll('.order--fresh')).toHaveLength(1)
    expect(screen.getByText('本行账户到账 105.00 元，含奖励 5.00 元').getAttribute('aria-live')).toBe('polite')
    await pass(300)
    expect(summary()).toContain('收款 38 笔')
  })

  it('shows an order once, however often it is told of', async () => {
    await open()
    for (let i = 0; i < 3; i++) await says({ type: 'order', cursor: 'c1', order: ARRIVAL })
    await says({ type: 'order', cursor: 'c0', order: FIRST })
    expect(orders()).toHaveLength(3)
  })

  it('connects again after 1 and 2 s, resuming after the last order, and reads the day anew', async () => {
    await open()
    await says({ type: 'ready' })
    await says({ type: 'order', cursor: 'c 7', order: ARRIVAL })
    await pass(300)
    act(() => FakeSocket.last.close())
    expect(live()).toBe('已断开，重连中')
    await pass(999)
    expect(FakeSocket.opened).toHaveLength(1)
    await pass(1)
    expect(FakeSocket.opened).toHaveLength(2)
    expect(FakeSocket.last.url).toBe('ws://localhost/api/merchant/live?after=c%207')
    act(() => FakeSocket.last.close())
    await pass(1_999)
    expect(FakeSocket.opened).toHaveLength(2)
    await pass(1)
    const before = fake.sent('GET', '/api/merchant/summary').length
    await says({ type: 'ready' })
    expect(live()).toBe('实时')
    expect(fake.sent('GET', '/api/merchant/summary')).toHaveLength(before + 1)
    expect(fake.sent('GET', '/api/merchant/orders').length).toBeGreaterThan(1)
  })

  it('ends with the page', async () => {
    await open()
    cleanup()
    expect(FakeSocket.last.closed).toBe(true)
    await pass(60_000)
    expect(FakeSocket.opened).toHaveLength(1)
  })
})

describe('a person who is no merchant’s yet', () => {
  const refusedUntil = (bound: () => boolean, binding: Parameters<typeof bff>[0][string]) =>
    open({
      'POST /api/merchant/session': () => (bound() ? { data: SESSION } : problem(401, 'login-refused')),
      'POST /api/merchant/binding': binding,
    })
  const SESSION = {
    token: 'token-9',
    expiresAt: '2099-01-01T00:00:00.000Z',
    merchant: { code: 'M0001', name: '老街牛肉面' },
  }
  const field = () => screen.getByLabelText('请输入银行给您的 8 位绑定码') as HTMLInputElement
  const type = (value: string) => fireEvent.change(field(), { target: { value } })
  const button = () => screen.getByRole('button', { name: '绑定商户' }) as HTMLButtonElement
  const press = async () => {
    fireEvent.click(button())
    await pass(0)
  }

  it('binds with the code the bank gave, and then sees the day, live', async () => {
    await refusedUntil(
      () => false,
      () => ({ data: SESSION }),
    )
    expect(document.querySelector('.page')?.textContent).toBe('绑定商户')
    expect(button().disabled).toBe(true)
    type('ABCD234')
    expect(button().disabled).toBe(true)
    type('abcd-2345')
    await press()
    expect(fake.sent('POST', '/api/merchant/binding').map(({ body }) => body)).toEqual([
      { platform: 'browser', code: 'merchant-M0001', bindingCode: 'abcd-2345' },
    ])
    expect(summary()).toContain('¥2,846.35')
    expect(FakeSocket.last.protocols).toEqual(['fapai.v1', 'bearer.token-9'])
    await says({ type: 'ready' })
    expect(live()).toBe('实时')
  })

  it.each([
    ['binding-refused', 422, '绑定码不对或已失效，请银行重新发码'],
    ['binding-locked', 429, '操作太频繁，请稍等片刻再试'],
    ['busy', 503, '服务暂时不可用，请稍后重试'],
  ])('hears why it didn’t work (%s), and can try again', async (code, status, sentence) => {
    await refusedUntil(
      () => false,
      () => problem(status, code),
    )
    type('ABCD2345')
    await press()
    const said = screen.getByText(sentence)
    expect(said.getAttribute('aria-live')).toBe('assertive')
    expect([button().disabled, field().value]).toEqual([false, 'ABCD2345'])
  })

  it('is asked again when the bank unbinds them while the page is open', async () => {
    let bound = true
    await refusedUntil(
      () => bound,
      () => ({ data: SESSION }),
    )
    expect(summary()).toContain('¥2,846.35')
    bound = false
    fake.answer = bff({
      'GET /api/merchant/summary': () => problem(401, 'token-invalid'),
      'GET /api/merchant/orders': () => problem(401, 'token-invalid'),
      'POST /api/merchant/session': () => problem(401, 'login-refused'),
    })
    await says({ type: 'ready' })
    await pass(0)
    expect(document.querySelector('.page')?.textContent).toBe('绑定商户')
  })
})

describe('other days', () => {
  it('reads the day that was chosen, which is not live', async () => {
    await open()
    fireEvent.click(screen.getByRole('button', { name: '昨天' }))
    await pass(0)
    expect(fake.sent('GET', '/api/merchant/summary').at(-1)?.path).toBe('/api/merchant/summary?date=2026-11-19')
    expect(fake.sent('GET', '/api/merchant/orders').at(-1)?.path).toBe('/api/merchant/orders?date=2026-11-19')
    expect(screen.getByRole('button', { name: '昨天' }).getAttribute('aria-pressed')).toBe('true')
    expect(FakeSocket.last.closed).toBe(true)
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

describe('paging', () => {
  it('adds the next page by the key or at the bottom, then stops', async () => {
    await open({
      'GET /api/merchant/orders': ({ path }) =>
        path.includes('cursor=') ? { data: { items: [PLAIN] } } : { data: { items: [FIRST], nextCursor: 'p/2' } },
    })
    expect(orders()).toHaveLength(1)
    act(() => fake.reachBottom[0]?.())
    await pass(0)
    expect(fake.sent('GET', '/api/merchant/orders').at(-1)?.path).toBe(
      '/api/merchant/orders?date=2026-11-20&cursor=p%2F2',
    )
    expect(orders()).toHaveLength(2)
    expect(screen.queryByRole('button', { name: '加载更多' })).toBeNull()
  })
})

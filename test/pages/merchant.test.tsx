import type { LiveMessage } from '@contract'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import MerchantPage from '../../src/pages/merchant/index'
import { host } from '../../src/platform/host'
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

const touchOf = (type: string, clientY: number) =>
  Object.assign(new Event(type, { bubbles: true }), { touches: [{ clientY }] })

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
    expect(document.querySelector('.merchant__who')?.textContent).toBe('老街牛肉面店主 · 商户号 M0001')
    expect(summary()).toBe(
      '今日到账（含奖励）¥2,846.35收款 37 笔¥2,815.00奖励 8 笔+¥31.35本行收款实时入结算账户，尾号 6001今日优惠名额 8 / 20今日还剩 12 份请顾客用本行付款，双方得优惠',
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
    expect(orders()).toEqual(['本行账户12:06:12 · 单号…7F2A¥34.00奖励 +¥4.15', '支付宝12:05:40 · 单号…0QPE¥18.50'])
  })

  it('reads anew when it is pulled down from its top, far enough, and not when it is scrolled', async () => {
    await open()
    const readings = () => fake.sent('GET', '/api/merchant/summary').length
    const touch = (type: string, clientY: number) =>
      act(async () => void fireEvent(document.querySelector('.merchant')!, touchOf(type, clientY)))
    const drag = async (from: number, to: number) => {
      await touch('touchstart', from)
      await touch('touchmove', to)
      const words = document.querySelector('.pull')?.textContent
      await touch('touchend', to)
      await pass(0)
      return [words, readings()]
    }
    expect(await drag(100, 140)).toEqual(['下拉刷新', 1])
    expect(await drag(300, 100)).toEqual(['', 1])
    expect(await drag(100, 200)).toEqual(['松开刷新', 2])
    expect(document.querySelector('.pull')?.textContent).toBe('')
    document.documentElement.scrollTop = 10
    expect(await drag(100, 200)).toEqual(['', 2])
    document.documentElement.scrollTop = 0
  })

  it('says to a cashier that they are one', async () => {
    await open({ 'GET /api/merchant/summary': () => ({ data: summaryOf({ role: 'cashier' }) }) })
    expect(document.querySelector('.merchant__role')?.textContent).toBe('收银员 · 商户号 M0001')
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

  it('says by which way what came, and into which account, where it isn’t the bank’s own alone', async () => {
    const none = { rewardFen: 0, refundCount: 0, refundedFen: 0 }
    const own = {
      ...none,
      channel: 'bank',
      accountTail: '6001',
      orderCount: 2,
      amountFen: 900,
      receivedFen: 900,
    } as const
    const wallet = { ...none, channel: 'wechatpay', accountTail: '0001', orderCount: 0, amountFen: 0 } as const
    const back = { ...wallet, refundCount: 1, refundedFen: 500, receivedFen: -500 }
    await open({ 'GET /api/merchant/summary': () => ({ data: summaryOf({ settlements: [own, back] }) }) })
    expect([...document.querySelectorAll('.settlements__row')].map((row) => row.textContent)).toEqual([
      '本行账户收款 2 笔，入结算账户尾号 6001¥9.00',
      '微信支付退款 1 笔，入商户号尾号 0001−¥5.00',
    ])
  })

  it('says nothing of it where all of it is the bank’s own', async () => {
    const own = { channel: 'bank', accountTail: '6001', orderCount: 2, amountFen: 900, receivedFen: 900 } as const
    const settlements = [{ ...own, rewardFen: 0, refundCount: 0, refundedFen: 0 }]
    await open({ 'GET /api/merchant/summary': () => ({ data: summaryOf({ settlements }) }) })
    expect(document.querySelector('.settlements')).toBeNull()
  })

  it('puts a new order on top, reads it out, and reads the summary again', async () => {
    let summaries = 0
    await open({ 'GET /api/merchant/summary': () => ({ data: summaryOf({ orderCount: 37 + summaries++ }) }) })
    await says({ type: 'order', cursor: 'c1', order: ARRIVAL })
    expect(orders()[0]).toBe('本行账户12:08:31 · 单号…92QX¥100.00奖励 +¥5.00')
    expect(document.querySelectorAll('.order--fresh')).toHaveLength(1)
    expect(screen.getByText('本行账户收款 100.00 元，奖励 5.00 元').getAttribute('aria-live')).toBe('polite')
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
  const field = () => screen.getByLabelText('请输入银行或店主给您的绑定码') as HTMLInputElement
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
    expect(document.querySelector('.page')?.textContent).toBe('请输入银行或店主给您的绑定码绑定商户')
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
    ['binding-refused', 422, '绑定码不对或已失效，请重新要一个'],
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
    await act(async () => FakeSocket.last.close(1008))
    await pass(0)
    const told = '您已不是“老街牛肉面”的成员这里不再显示它的收款。有疑问请问店主或银行；拿到新的绑定码，可以重新绑定。'
    expect(document.querySelector('.page')?.textContent).toBe(`${told}请输入银行或店主给您的绑定码绑定商户`)
    expect(fake.storage.get('fapai.shop')).toBeUndefined()
  })

  it('is told at the next opening of which shop they are no longer, once', async () => {
    fake.storage.set('fapai.shop', { code: 'M0001', name: '老街牛肉面' })
    const refused = () =>
      refusedUntil(
        () => false,
        () => ({ data: SESSION }),
      )
    await refused()
    expect(document.querySelector('.left__title')?.textContent).toBe('您已不是“老街牛肉面”的成员')
    cleanup()
    await refused()
    expect(document.querySelector('.left')).toBeNull()
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

  describe('in WeChat', () => {
    afterEach(() => {
      delete host.agreeTo
    })
    const TEMPLATE = 'template-of-the-day-00001'
    const button = () => document.querySelector('.daily__press')
    const note = () => document.querySelector('.daily__note')?.textContent
    const tap = async () => {
      fireEvent.click(button()!)
      await pass(0)
    }

    it('asks for one message at each tap, and says how many are left; nobody is asked elsewhere, or without a template', async () => {
      let unused = 0
      const answers = [true, false, true, true]
      const asked: string[] = []
      const routes = {
        'GET /api/merchant/messages': () => ({ data: { templateId: TEMPLATE, unused } }),
        'POST /api/merchant/messages': ({ body }: { body: unknown }) => {
          if (unused === 1) return { status: 503, data: {} }
          expect(body).toEqual({ templateId: TEMPLATE })
          return { data: { templateId: TEMPLATE, unused: ++unused } }
        },
      }
      await open(routes)
      expect(button()).toBeNull()
      expect(fake.sent('GET', '/api/merchant/messages')).toEqual([])
      cleanup()
      host.agreeTo = async (templateId) => {
        asked.push(templateId)
        return answers.shift()!
      }
      await open(routes)
      expect([button()?.textContent, note()]).toEqual(['提醒我', '每点一次，提醒一个早上'])
      await tap()
      expect([button()?.textContent, note()]).toEqual(['再加一次', '还会提醒 1 次，点一次加一次'])
      await tap()
      expect(note()).toBe('没有开启。在微信的提示里点“允许”才会提醒')
      await tap()
      expect(note()).toBe('没有记上，请再点一次')
      expect(asked).toEqual([TEMPLATE, TEMPLATE, TEMPLATE])
      cleanup()
      await open({ 'GET /api/merchant/messages': () => ({ data: { templateId: null, unused: 0 } }) })
      expect(button()).toBeNull()
    })
  })
})

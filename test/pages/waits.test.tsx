import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import MerchantPage from '../../src/pages/merchant/index'
import PayPage from '../../src/pages/pay/index'
import ResultPage from '../../src/pages/result/index'
import RulesPage from '../../src/pages/rules/index'
import { FakeSocket } from '../support/live-socket'
import { type FakeAnswer, fake } from '../support/taro'
import { bff, orderOf, problem, quoteOf, summaryOf } from '../support/taro-bff'

/** Pages that are told to wait: they say so, ask nothing until then, and go on by themselves, but never pay by themselves. */

beforeEach(() => {
  jest.useFakeTimers()
  fake.reset()
  fake.params = { merchant: 'M0001', orderNo: 'F20261120-7K3M-92QX-4T8B' }
  FakeSocket.opened = []
  Object.assign(globalThis, { WebSocket: FakeSocket, FAPAI_SANDBOX: true })
})

afterEach(async () => {
  // what was asked to be left alone is not the next test's
  await pass(60_000)
  cleanup()
  jest.useRealTimers()
})

const pass = (ms: number) => act(() => jest.advanceTimersByTimeAsync(ms))
const tooMany = (seconds: number) => problem(429, 'too-many-requests', { 'Retry-After': String(seconds) })
const overloaded = (seconds: number) => problem(503, 'overloaded', { 'Retry-After': String(seconds) })

/** The first answers, then the last one for ever. */
function answers(...all: FakeAnswer[]) {
  let asked = 0
  return () => all[Math.min(asked++, all.length - 1)]!
}

async function open(page: JSX.Element, routes: Parameters<typeof bff>[0]) {
  fake.answer = bff(routes)
  render(page)
  await pass(0)
}

const text = () => document.body.textContent
const button = (name: string) => screen.getByRole('button', { name })
const press = async (name: string) => {
  fireEvent.click(button(name))
  await pass(0)
}
const returns = async () => {
  act(() => void document.dispatchEvent(new Event('visibilitychange')))
  await pass(0)
}
const type = async (amount: string) => {
  for (const key of amount) fireEvent.click(button(key))
  await pass(250)
}
const quotes = () => fake.sent('POST', '/api/quotes').map(({ body }) => (body as { amountFen: number }).amountFen)
const pays = () => fake.sent('POST', '/api/orders').map(({ header }) => header['Idempotency-Key'])

describe('a quote', () => {
  it.each([
    ['of who asks too often', tooMany(7), '操作太频繁'],
    ['while too many ask', overloaded(7), '现在使用的人太多'],
  ])(
    '%s says so, and how long; then it is asked by itself, for the amount that stands there now',
    async (_, refusal, title) => {
      await open(<PayPage />, { 'POST /api/quotes': answers(refusal, { data: quoteOf(10_000) }) })
      await type('10')
      expect(document.querySelector('.deal')?.textContent).toBe(`${title}约 7 秒后自动再算`)
      expect(screen.queryByRole('button', { name: '重试' })).toBeNull()
      await type('0')
      await returns()
      await pass(5_000)
      expect(quotes()).toEqual([1_000])
      await pass(2_000)
      await pass(0)
      expect(quotes()).toEqual([1_000, 10_000])
      expect(button('付款 95.00 元')).toHaveProperty('disabled', false)
      expect(pays()).toEqual([])
    },
  )
})

describe('a page that can’t be opened for it', () => {
  const routes = (refusal: FakeAnswer) => ({ 'GET /api/merchants/M0001': answers(refusal, { data: merchantData }) })
  let merchantData: object
  beforeAll(async () => {
    const answer = (await bff({})({ method: 'GET', path: '/api/merchants/M0001', body: null, header: {} })) as {
      data: object
    }
    merchantData = answer.data
  })

  it('opens by itself when the time is over, and there is nothing to press until then', async () => {
    await open(<PayPage />, routes(tooMany(12)))
    expect(text()).toContain('操作太频繁')
    expect(text()).toContain('请稍等，约 12 秒后自动重试')
    expect(screen.queryByRole('button', { name: '重试' })).toBeNull()
    await pass(11_999)
    expect(fake.sent('GET', '/api/merchants/M0001')).toHaveLength(1)
    await pass(1)
    await pass(0)
    expect(text()).toContain('老街牛肉面')
  })

  it('waits no longer than any limit of ours, whatever a proxy says', async () => {
    await open(<PayPage />, routes(tooMany(86_400)))
    expect(text()).toContain('约 60 秒后自动重试')
  })

  it('asks again each time it is told to wait, and not in between', async () => {
    await open(<RulesPage />, { 'GET /api/merchants/M0001/rules': () => tooMany(5) })
    expect(text()).toContain('约 5 秒后自动重试')
    for (let i = 0; i < 149; i++) await pass(100)
    expect(fake.sent('GET', '/api/merchants/M0001/rules')).toHaveLength(3)
  })
})

it('a device whose clock is set back waits no longer for it', async () => {
  await open(<RulesPage />, { 'GET /api/merchants/M0001/rules': () => tooMany(5) })
  jest.setSystemTime(Date.now() - 3_600_000)
  await pass(5_000)
  expect(fake.sent('GET', '/api/merchants/M0001/rules')).toHaveLength(2)
})

describe('the pay key', () => {
  const ready = async (...all: FakeAnswer[]) => {
    await open(<PayPage />, {
      'POST /api/quotes': ({ body }) => ({ data: quoteOf((body as { amountFen: number }).amountFen) }),
      'POST /api/orders': answers(...all),
    })
    await type('100')
    await press('付款 95.00 元')
  }

  it.each([
    ['too many', tooMany(9), '操作太频繁'],
    ['overloaded', overloaded(9), '现在使用的人太多'],
  ])('is only armed again, and never pressed by itself: %s', async (_, refusal, title) => {
    await ready(refusal, { data: orderOf() })
    expect(document.querySelector('.sheet__panel')?.textContent).toBe(`${title}没有扣款。请稍等片刻再试。请稍候不付了`)
    expect(button('请稍候')).toHaveProperty('disabled', true)
    await pass(8_999)
    expect(button('请稍候')).toHaveProperty('disabled', true)
    await pass(30_000)
    expect(pays()).toHaveLength(1)
    await press('再试一次')
    expect(pays()).toEqual([pays()[0], pays()[0]])
    expect(fake.visits).toEqual(['redirectTo /pages/result/index?orderNo=F20261120-7K3M-92QX-4T8B'])
  })

  it('holds back no payment here: whoever insists is answered by the server', async () => {
    await ready(tooMany(9), { data: orderOf() })
    await press('不付了')
    await press('付款 95.00 元')
    expect(pays()).toHaveLength(2)
    expect(fake.visits).toEqual(['redirectTo /pages/result/index?orderNo=F20261120-7K3M-92QX-4T8B'])
  })

  it('leaves nobody unsure: what was sent and not answered is asked for by its own key until it is', async () => {
    await ready('timeout', tooMany(20), { data: orderOf() })
    expect(text()).toContain('付款结果还不知道')
    await pass(500)
    await pass(0)
    expect(text()).toContain('付款结果还不知道')
    expect(pays()).toHaveLength(2)
    await pass(19_000)
    await returns()
    expect(pays()).toHaveLength(2)
    await pass(1_500)
    expect(pays()).toEqual([pays()[0], pays()[0], pays()[0]])
    expect(fake.visits).toEqual(['redirectTo /pages/result/index?orderNo=F20261120-7K3M-92QX-4T8B'])
  })
})

describe('the result page', () => {
  const ORDER = 'GET /api/orders/F20261120-7K3M-92QX-4T8B'
  const asked = () => fake.sent('GET', '/api/orders').length

  it('that can’t be told yet says so, warns of paying twice, and asks by itself when it may', async () => {
    await open(<ResultPage />, { [ORDER]: answers(tooMany(10), { data: orderOf() }) })
    expect(text()).toContain('操作太频繁请稍等，约 10 秒后自动重试。没有查到结果前，请勿重复付款')
    for (let i = 0; i < 20; i++) await returns()
    await pass(9_900)
    expect(asked()).toBe(1)
    await pass(100)
    await pass(0)
    expect(document.querySelector('.verdict')?.textContent).toContain('支付成功')
  })

  it('goes on asking after an order that isn’t ended, once it may', async () => {
    const paying = { data: orderOf({ state: 'paying' }) }
    await open(<ResultPage />, { [ORDER]: answers(paying, tooMany(30), { data: orderOf() }) })
    await pass(500)
    await pass(0)
    for (let i = 0; i < 20; i++) {
      await returns()
      await pass(1_000)
    }
    expect(asked()).toBe(2)
    await pass(10_000)
    await pass(0)
    expect(document.querySelector('.verdict')?.textContent).toContain('支付成功')
  })
})

it('the merchant page waits as long as told, and then shows the day', async () => {
  await open(<MerchantPage />, {
    'GET /api/merchant/summary': answers(tooMany(25), { data: summaryOf() }),
    'GET /api/merchant/orders': () => ({ data: { items: [] } }),
  })
  expect(text()).toContain('请稍等，约 25 秒后自动重试')
  for (let i = 0; i < 249; i++) await pass(100)
  expect(fake.sent('GET', '/api/merchant/summary')).toHaveLength(1)
  await pass(100)
  await pass(0)
  expect(document.querySelector('.merchant__name')?.textContent).toBe('老街牛肉面')
})

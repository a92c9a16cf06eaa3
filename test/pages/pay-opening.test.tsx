import type { MerchantChannelView } from '@contract'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import PayPage from '../../src/pages/pay/index'
import { host } from '../../src/platform/host'
import { type FakeAnswer, fake } from '../support/taro'
import { agreements, bff, merchant, orderOf, problem, quoteOf } from '../support/taro-bff'

beforeEach(() => {
  jest.useFakeTimers()
  fake.reset()
  sessionStorage.clear()
  fake.params = { merchant: 'M0001' }
})
afterEach(() => {
  cleanup()
  jest.restoreAllMocks()
  jest.useRealTimers()
})

const pass = (ms: number) => act(() => jest.advanceTimersByTimeAsync(ms))
const TYPING_PAUSE_MS = 250
const QUOTES = {
  'POST /api/quotes': ({ body }: { body: unknown }) => ({ data: quoteOf((body as { amountFen: number }).amountFen) }),
}

async function open(routes: Parameters<typeof bff>[0]) {
  fake.answer = bff({ ...QUOTES, ...routes })
  render(<PayPage />)
  await pass(0)
}
async function type(keys: string) {
  for (const key of keys) fireEvent.click(screen.getByRole('button', { name: key }))
  await pass(TYPING_PAUSE_MS)
}
const press = async (name: string | RegExp) => {
  fireEvent.click(screen.getByRole('button', { name }))
  await pass(0)
}
const method = () => document.querySelector('.method')?.textContent
const amount = () => document.querySelector('.amount__line')?.textContent
const payKey = () => document.querySelector('.key--pay') as HTMLButtonElement

/** An answer that comes when the test says so. */
function later() {
  let come: (answer: FakeAnswer) => void = () => {}
  const answer = new Promise<FakeAnswer>((done) => {
    come = done
  })
  return { route: () => answer, comes: (data: FakeAnswer) => act(async () => come(data)) }
}

describe('before anything of the payer is known', () => {
  it('the merchant and the keys are there though nobody is logged in yet; nobody pays or signs meanwhile', async () => {
    const login = later()
    await open({ 'POST /api/session': login.route })
    await type('100')
    expect([amount(), method()]).toEqual(['¥100', '南正在读取付款账户'])
    fireEvent.click(document.querySelector('.method')!)
    expect([fake.visits, payKey().disabled]).toEqual([[], true])
    await login.comes({ data: { token: 'token-1', expiresAt: '2099-01-01T00:00:00.000Z' } })
    await pass(TYPING_PAUSE_MS)
    expect([amount(), method(), payKey().textContent]).toEqual(['¥100', '南南城银行 (6217)立减 ¥5.00›', '付款¥95.00'])
    expect(payKey().disabled).toBe(false)
  })

  it('accounts that can’t be read are said and read again by a press; the amount stays', async () => {
    let down = true
    await open({ 'GET /api/agreements': () => (down ? problem(503, 'channel-unavailable') : { data: agreements }) })
    await type('100')
    expect(method()).toBe('南没有读到付款账户立减 ¥5.00重试')
    expect(payKey().disabled).toBe(true)
    down = false
    fireEvent.click(document.querySelector('.method')!)
    await pass(0)
    expect([amount(), payKey().disabled]).toEqual(['¥100', false])
  })

  it('in an app that logs in by its own page nothing is typed before that: going there would take it away', async () => {
    const login = later()
    jest.replaceProperty(host, 'leavesToLogIn', true)
    await open({ 'POST /api/session': login.route })
    expect(document.querySelector('.keypad')).toBeNull()
    await login.comes({ data: { token: 'token-1', expiresAt: '2099-01-01T00:00:00.000Z' } })
    await pass(0)
    await type('1')
    expect(amount()).toBe('¥1')
  })

  it.each(['login-elsewhere', 'login-refused'])(
    'whoever can’t be let in here types nothing first: %s',
    async (code) => {
      await open({ 'POST /api/session': () => problem(403, code) })
      expect(document.querySelector('.notice')).toBeTruthy()
      expect(document.querySelector('.keypad')).toBeNull()
    },
  )

  it('what was paid a moment ago is asked about as soon as that is known', async () => {
    const orders = later()
    await open({ 'GET /api/orders': orders.route })
    await type('100')
    expect(document.querySelector('.sheet')).toBeNull()
    await orders.comes({ data: { items: [orderOf({ state: 'paying', endedAt: null })] } })
    expect(document.querySelector('.sheet')?.textContent).toContain('上一笔还在处理')
    expect(fake.sent('POST', '/api/orders')).toEqual([])
  })
})

it('what shows how it went is fetched as soon as there is a figure to pay', async () => {
  const fetchNext = jest.spyOn(host, 'fetchNext')
  await open({})
  expect(fetchNext).not.toHaveBeenCalled()
  await type('100')
  expect(fetchNext).toHaveBeenCalledTimes(1)
})

describe('what is paid with, when the accounts come late', () => {
  const wechatpay: MerchantChannelView = {
    ...merchant.channels[0]!,
    name: 'wechatpay',
    label: '微信支付',
    carriesDiscount: false,
  }
  const soldOut = { ...merchant.offer!, reason: 'sold-out' as const, remainingToday: 0 }
  const shop = { data: { ...merchant, channels: [merchant.channels[0]!, wechatpay], offer: soldOut } }
  const chosen = () => document.querySelector('.method[aria-pressed=true]')?.textContent
  async function opened() {
    jest.spyOn(host, 'canPay').mockReturnValue(true)
    const accounts = later()
    await open({ 'GET /api/merchants/M0001': () => shop, 'GET /api/agreements': accounts.route })
    expect(chosen()).toContain('微信支付')
    return accounts
  }

  it('becomes the account of who has one, as long as nothing is begun', async () => {
    const accounts = await opened()
    await accounts.comes({ data: agreements })
    expect(chosen()).toContain('南城银行')
  })

  it('stays under the finger of who has begun', async () => {
    const accounts = await opened()
    await type('1')
    await accounts.comes({ data: agreements })
    expect(chosen()).toContain('微信支付')
  })

  it('stays what was chosen', async () => {
    const accounts = await opened()
    await press(/^用微信支付/)
    await accounts.comes({ data: agreements })
    expect(chosen()).toContain('微信支付')
    await press(/^南城银行/)
    expect(chosen()).toContain('南城银行')
  })

  it('a wallet pays before the accounts are known', async () => {
    await opened()
    await type('100')
    expect(payKey().disabled).toBe(false)
  })
})

describe('what the page asked before there was any code', () => {
  const asked = (answer: Promise<unknown>, path = '/api/merchants/M0001') =>
    Object.assign(window, { fapaiAsked: { path, answer } })
  const merchants = () => fake.sent('GET', '/api/merchants/M0001').length
  const given = (data: unknown, statusCode = 200) => Promise.resolve({ statusCode, data, header: { Date: '' } })

  it('isn’t asked again, and is used once', async () => {
    asked(given(merchant))
    await open({})
    expect([document.querySelector('.head__name')?.textContent, merchants()]).toEqual(['老街牛肉面', 0])
    cleanup()
    await open({})
    expect(merchants()).toBe(1)
  })

  it('is a refusal as any other', async () => {
    asked(given({ code: 'merchant-not-found', status: 404 }, 404))
    await open({})
    expect(document.querySelector('.page')?.textContent).toContain('没有找到这家商户')
    expect(merchants()).toBe(0)
  })

  it.each([
    ['came to nothing', Promise.resolve(undefined), '/api/merchants/M0001'],
    ['was of another merchant', given({ ...merchant, name: '别家' }), '/api/merchants/M0002'],
  ])('is asked by the code where it %s', async (_, answer, path) => {
    asked(answer, path)
    await open({})
    expect([document.querySelector('.head__name')?.textContent, merchants()]).toEqual(['老街牛肉面', 1])
    Object.assign(window, { fapaiAsked: undefined })
  })

  it('is waited for no longer than any question', async () => {
    asked(new Promise(() => {}))
    await open({})
    await pass(7_999)
    expect(document.querySelector('.skeleton')).toBeTruthy()
    await pass(1)
    expect(document.querySelector('.page')?.textContent).toContain('网络太慢')
  })
})

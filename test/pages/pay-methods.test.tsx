import type { MerchantChannelView, QuoteBody } from '@contract'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import PayPage from '../../src/pages/pay/index'
import { host } from '../../src/platform/host'
import { fake } from '../support/taro'
import { agreements, bff, merchant, orderOf, problem, quoteOf } from '../support/taro-bff'

const [bank] = merchant.channels
const wallet = (name: 'wechatpay' | 'alipay' | 'unionpay', label: string): MerchantChannelView => ({
  name,
  label,
  needs: ({ wechatpay: 'wechat', alipay: 'alipay', unionpay: 'unionpay' } as const)[name],
  jumps: false,
  carriesDiscount: false,
})
const WALLETS = [wallet('wechatpay', '微信支付'), wallet('alipay', '支付宝'), wallet('unionpay', '云闪付')]
const OFFER = merchant.offer!

beforeEach(() => {
  jest.useFakeTimers()
  fake.reset()
  fake.params = { merchant: 'M0001' }
  jest.spyOn(host, 'canPay').mockImplementation(({ needs }) => needs === 'anywhere' || needs === 'wechat')
})
afterEach(() => {
  cleanup()
  jest.restoreAllMocks()
  jest.useRealTimers()
})

const pass = (ms: number) => act(() => jest.advanceTimersByTimeAsync(ms))
const TYPING_PAUSE_MS = 250
/** The bank's card is worth ¥10.00, the payer's half ¥5.00; a wallet has none. */
const quoted = (body: QuoteBody, more = {}) =>
  body.channel === 'bank'
    ? quoteOf(body.amountFen, 1_000, more)
    : quoteOf(body.amountFen, 0, { reason: 'channel-not-eligible' })

async function open(more: Parameters<typeof bff>[0] = {}, shop: Partial<typeof merchant> = {}) {
  fake.answer = bff({
    'GET /api/merchants/M0001': () => ({ data: { ...merchant, channels: [bank!, ...WALLETS], ...shop } }),
    'POST /api/quotes': ({ body }) => ({ data: quoted(body as QuoteBody) }),
    'POST /api/orders': () => ({ data: orderOf() }),
    ...more,
  })
  render(<PayPage />)
  await pass(0)
}
async function typed(keys: string) {
  for (const key of keys) fireEvent.click(screen.getByRole('button', { name: key === '.' ? '点' : key }))
  await pass(TYPING_PAUSE_MS)
}
const press = async (name: string | RegExp) => {
  fireEvent.click(screen.getByRole('button', { name }))
  await pass(0)
}
const rows = () => [...document.querySelectorAll('.method')].map((row) => row.textContent)
const chosen = () => document.querySelector('.method[aria-pressed=true]')?.textContent
const deal = () => document.querySelector('.deal')?.textContent
const quotes = () => fake.sent('POST', '/api/quotes').map(({ body }) => (body as QuoteBody).channel)

describe('what can be paid with', () => {
  it('is what works here, the one with the discount first, with what it saves and what the others cost', async () => {
    await open()
    expect(rows()).toEqual(['南南城银行 (6217)›', '微微信支付'])
    await typed('100')
    expect(rows()).toEqual(['南南城银行 (6217)省 ¥5.00›', '微微信支付¥100.00'])
    expect(chosen()).toContain('南城银行')
  })

  it('changes by a press: amount and card stay, and a quote that stands isn’t asked for again', async () => {
    await open()
    await typed('100')
    await press(/^用微信支付/)
    expect(chosen()).toContain('微信支付')
    expect(deal()).toContain('实付 ¥100.00')
    expect(rows()).toEqual(['南南城银行 (6217)省 ¥5.00', '微微信支付¥100.00'])
    expect(screen.getByRole('button', { name: '付款 100.00 元' })).toHaveProperty('disabled', false)
    await press(/^南城银行/)
    expect(deal()).toContain('实付 ¥95.00')
    expect(screen.getByRole('button', { name: '付款 95.00 元' })).toHaveProperty('disabled', false)
    expect(quotes()).toEqual(['bank', 'wechatpay'])
  })

  it('holds no card for a wallet: the bank’s quote ends unrenewed and is no longer promised', async () => {
    await open()
    await typed('100')
    await press(/^用微信支付/)
    await pass(121_000)
    expect(quotes().filter((channel) => channel === 'bank')).toHaveLength(1)
    expect(rows()[0]).toBe('南南城银行 (6217)最高省 ¥5')
    await press(/^南城银行/)
    expect(quotes().filter((channel) => channel === 'bank')).toHaveLength(2)
  })

  it('another amount is another quote: what was saved of the old one isn’t said of it', async () => {
    await open()
    await typed('100')
    await press(/^用微信支付/)
    await typed('0')
    expect(rows()).toEqual(['南南城银行 (6217)最高省 ¥5', '微微信支付¥1,000.00'])
    await typed('')
    expect(quotes()).toEqual(['bank', 'wechatpay', 'wechatpay'])
  })

  it('below the threshold nothing is said to be saved', async () => {
    await open()
    await press(/^用微信支付/)
    await typed('9')
    expect(rows()).toEqual(['南南城银行 (6217)', '微微信支付¥9.00'])
  })

  it('a wallet is paid without an account, and the order’s page hands it on', async () => {
    await open({ 'GET /api/agreements': () => ({ data: { items: [] } }) })
    await typed('100')
    expect(rows()[0]).toBe('南南城银行账户第一次付款先签约省 ¥5.00›')
    await press(/^用微信支付/)
    await press('付款 100.00 元')
    await pass(0)
    const [paid] = fake.sent('POST', '/api/orders')
    expect(paid?.body).toEqual({ quoteId: expect.any(String) })
    expect(fake.visits).toEqual(['redirectTo /pages/result/index?orderNo=F20261120-7K3M-92QX-4T8B'])
  })

  it('stays as it is while a payment is under way', async () => {
    await open({ 'POST /api/orders': () => new Promise(() => {}) })
    await typed('100')
    await press('付款 95.00 元')
    expect([...document.querySelectorAll<HTMLButtonElement>('.method')].map(({ disabled }) => disabled)).toEqual([
      true,
      true,
    ])
  })
})

describe('where no discount can be had', () => {
  const soldOut = { ...OFFER, reason: 'sold-out' as const, remainingToday: 0 }
  it.each([
    ['who has an account pays from it', agreements.items, '南城银行'],
    ['who has none isn’t led through signing one', [], '微信支付'],
  ])('%s', async (_, items, first) => {
    await open({ 'GET /api/agreements': () => ({ data: { items } }) }, { offer: soldOut })
    expect(chosen()).toContain(first)
  })

  it('the quote says when there are others', async () => {
    const tomorrow = new Date(Date.now() + 3_600_000).toISOString()
    const none = { discountFen: 0, payerDiscountFen: 0, payableFen: 10_000, reason: 'sold-out' as const }
    await open({
      'POST /api/quotes': ({ body }) => ({ data: quoted(body as QuoteBody, { ...none, availableAt: tomorrow }) }),
    })
    await typed('100')
    expect(deal()).toBe('实付 ¥100.00今日优惠已发完，明天 0 点再发，可以原价付款')
    expect(rows()).toEqual(['南南城银行 (6217)›', '微微信支付¥100.00'])
    expect(document.querySelector('.offer')?.textContent).toContain('今日优惠已发完，明天 0 点再发')
    await pass(3_600_000)
    expect(document.querySelector('.offer')?.textContent).not.toContain('明天')
  })

  it('who has no account and a discount before them is shown what it saves', async () => {
    await open({ 'GET /api/agreements': () => ({ data: { items: [] } }) })
    expect(chosen()).toContain('南城银行账户')
  })
})

describe('one way, or none', () => {
  it('a single wallet is no choice', async () => {
    await open({}, { channels: [WALLETS[0]!] })
    await typed('100')
    expect(rows()).toEqual(['微微信支付¥100.00'])
    expect(document.querySelector('.method')?.getAttribute('aria-pressed')).toBeNull()
    await press('付款 100.00 元')
    expect(fake.sent('POST', '/api/orders')).toHaveLength(1)
  })

  it('none that works here says in which app it does', async () => {
    await open({}, { channels: WALLETS.slice(1) })
    expect(document.querySelector('.page')?.textContent).toBe('!这里不能付款请用支付宝、云闪付扫商户的收款码')
  })

  it('none at all says that', async () => {
    await open({}, { channels: [] })
    expect(document.querySelector('.page')?.textContent).toBe('!这里不能付款商户暂时不能收款')
  })
})

it('a quote that comes for a method no longer chosen is none of this one’s', async () => {
  let late = () => {}
  await open({
    'POST /api/quotes': ({ body }) =>
      (body as QuoteBody).channel === 'bank'
        ? new Promise((answer) => {
            late = () => answer({ data: quoted(body as QuoteBody) })
          })
        : { data: quoted(body as QuoteBody) },
  })
  await typed('100')
  await press(/^用微信支付/)
  late()
  await pass(0)
  expect(deal()).toContain('实付 ¥100.00')
  expect(screen.getByRole('button', { name: '付款 100.00 元' })).toBeTruthy()
})

it('a bank that can’t quote keeps nobody from the wallet', async () => {
  await open({
    'POST /api/quotes': ({ body }) =>
      (body as QuoteBody).channel === 'bank' ? problem(503, 'ledger-unavailable') : { data: quoted(body as QuoteBody) },
  })
  await typed('100')
  expect(screen.getByRole('button', { name: '付款' })).toHaveProperty('disabled', true)
  await press(/^用微信支付/)
  expect(screen.getByRole('button', { name: '付款 100.00 元' })).toHaveProperty('disabled', false)
})

import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import PayPage from '../../src/pages/pay/index'
import { fake } from '../support/taro'
import { agreements, bff, orderOf, quoteOf } from '../support/taro-bff'

beforeEach(() => {
  jest.useFakeTimers()
  fake.reset()
  fake.params = { merchant: 'M0001' }
})
afterEach(() => {
  cleanup()
  jest.useRealTimers()
})

const pass = (ms: number) => act(() => jest.advanceTimersByTimeAsync(ms))
const TYPING_PAUSE_MS = 250
const [first] = agreements.items
const second = { ...first!, agreementId: 'a2', accountTail: '8888', kind: 'credit' as const, isDefault: false }

async function open(items: object[], more: Parameters<typeof bff>[0] = {}) {
  fake.answer = bff({
    'GET /api/agreements': () => ({ data: { items } }),
    'POST /api/quotes': ({ body }) => ({ data: quoteOf((body as { amountFen: number }).amountFen) }),
    'POST /api/orders': () => ({ data: orderOf() }),
    ...more,
  })
  render(<PayPage />)
  await pass(0)
}
function type(keys: string) {
  for (const key of keys) fireEvent.click(screen.getByRole('button', { name: key === '.' ? '点' : key }))
}
const press = async (name: string | RegExp) => {
  fireEvent.click(screen.getByRole('button', { name }))
  await pass(0)
}
const tell = async (listeners: (() => void)[]) => {
  act(() => [...listeners].forEach((listener) => void listener()))
  await pass(0)
}
const method = () => document.querySelector('.method')?.textContent
const paidWith = () => fake.sent('POST', '/api/orders').map(({ body }) => (body as { agreementId: string }).agreementId)

describe('a payer without an account', () => {
  it('sees the card, and is led through signing with the amount', async () => {
    await open([])
    type('100')
    await pass(TYPING_PAUSE_MS)
    expect(document.querySelector('.deal')?.textContent).toContain('实付 ¥95.00')
    expect(method()).toBe('南还没有付款账户立减 ¥5.00去签约 ›')
    await press('签约付款 95.00 元')
    expect(fake.visits).toEqual(['navigateTo /pages/sign/index?merchant=M0001&amount=100'])
    expect(fake.sent('POST', '/api/orders')).toEqual([])
  })

  it('back from there has amount and account, and the quote is asked anew', async () => {
    await open([])
    type('100')
    await pass(TYPING_PAUSE_MS)
    await tell(fake.didHide)
    fake.answer = bff({ 'POST /api/quotes': () => ({ data: quoteOf(10_000) }) })
    const before = fake.sent('POST', '/api/quotes').length
    await tell(fake.didShow)
    expect(method()).toBe('南南城银行 (6217)立减 ¥5.00›')
    expect(fake.sent('POST', '/api/quotes')).toHaveLength(before + 1)
    expect(screen.getByRole('button', { name: '付款 95.00 元' })).toHaveProperty('disabled', false)
  })

  it('back by way of the bank’s page the amount comes from the address', async () => {
    fake.params = { merchant: 'M0001', amount: '100.5' }
    await open([first!])
    await pass(TYPING_PAUSE_MS)
    expect(document.querySelector('.amount__line')?.textContent).toBe('¥100.5')
    expect(fake.sent('POST', '/api/quotes').at(-1)?.body).toMatchObject({ amountFen: 10_050 })
  })

  it.each(['<script>', '1e9', '-5', '..', '99999999999999'])(
    'an address with the amount %s types nothing that a key could not',
    async (amount) => {
      fake.params = { merchant: 'M0001', amount }
      await open([first!])
      expect(document.querySelector('.amount__line')?.textContent).toMatch(/^¥(0\.00|0?\.?|\d{1,7}\.?\d{0,2})$/)
    },
  )
})

describe('a payer with several accounts', () => {
  it('pays with the default one unless they choose another', async () => {
    await open([second, first!])
    type('100')
    await pass(TYPING_PAUSE_MS)
    expect(method()).toContain('南城银行 (6217)')
    await press(/更换账户/)
    await press(/^南城银行 信用卡 \(8888\)/)
    expect(method()).toContain('南城银行 (8888)')
    await press('付款 95.00 元')
    await pass(0)
    expect(paidWith()).toEqual(['a2'])
  })

  it('while they choose, no key of a keyboard pays', async () => {
    await open([second, first!])
    type('100')
    await pass(TYPING_PAUSE_MS)
    await press(/更换账户/)
    fireEvent.keyDown(document.body, { key: 'Enter' })
    await pass(0)
    expect(paidWith()).toEqual([])
    await press('关闭')
    fireEvent.keyDown(document.body, { key: 'Enter' })
    await pass(0)
    expect(paidWith()).toEqual(['a1'])
  })

  it('it has the focus, Escape closes it and nothing else, and the focus is back where it was', async () => {
    await open([second, first!])
    type('100')
    await pass(TYPING_PAUSE_MS)
    const opener = screen.getByRole('button', { name: /更换账户/ })
    opener.focus()
    await press(/更换账户/)
    const over = screen.getByRole('dialog', { name: '选择付款账户' })
    expect(document.activeElement).toBe(over)
    fireEvent.keyDown(over, { key: 'Escape' })
    await pass(0)
    expect(screen.queryByRole('dialog')).toBeNull()
    expect(document.activeElement).toBe(opener)
    expect(document.querySelector('.amount__line')?.textContent).toBe('¥100')
  })

  it('another page over the counter has the keyboard for itself', async () => {
    await open([first!])
    type('100')
    await pass(TYPING_PAUSE_MS)
    await tell(fake.didHide)
    fireEvent.keyDown(document.body, { key: 'Enter' })
    fireEvent.keyDown(document.body, { key: '7' })
    await pass(0)
    expect(paidWith()).toEqual([])
    await tell(fake.didShow)
    expect(document.querySelector('.amount__line')?.textContent).toBe('¥100')
  })

  it('one that is added is the one to pay with', async () => {
    await open([first!])
    await press(/更换账户/)
    await press('添加付款账户')
    expect(fake.visits).toEqual(['navigateTo /pages/sign/index?merchant=M0001'])
    fake.answer = bff({ 'GET /api/agreements': () => ({ data: { items: [first!, second] } }) })
    await tell(fake.didShow)
    expect(method()).toContain('(8888)')
  })

  it('one that was ended elsewhere is no longer there after the refusal', async () => {
    const refusal = { status: 422, data: { code: 'agreement-not-found', status: 422 } }
    await open([first!, second], { 'POST /api/orders': () => refusal })
    type('100')
    await pass(TYPING_PAUSE_MS)
    await press('付款 95.00 元')
    expect(document.querySelector('.sheet')?.textContent).toContain(
      '没有扣款。这个账户已经解约，请换一个账户或重新签约。',
    )
    fake.answer = bff({
      'GET /api/agreements': () => ({ data: { items: [second] } }),
      'POST /api/quotes': () => ({ data: quoteOf(10_000) }),
    })
    await press('知道了')
    expect(method()).toContain('(8888)')
  })
})

describe('免密', () => {
  const small = { maxFen: 9_500, perDay: 3 }
  it.each([
    ['100', true],
    ['100.01', false],
  ])('of at most ¥95.00: %s is said to need no code: %s', async (amount, said) => {
    await open([{ ...first!, small }], {
      'POST /api/quotes': ({ body }) => ({ data: quoteOf((body as { amountFen: number }).amountFen, 1_000) }),
    })
    type(amount)
    await pass(TYPING_PAUSE_MS)
    expect(method()?.includes('免密支付，直接扣款')).toBe(said)
  })
})

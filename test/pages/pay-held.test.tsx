import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import PayPage from '../../src/pages/pay/index'
import { fake } from '../support/taro'
import { bff, merchant, orderOf, problem, quoteOf } from '../support/taro-bff'

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
const panel = () => document.querySelector('.deal')?.textContent
const heard = () => document.querySelector('.heard')?.textContent
const payKey = () => screen.getByRole('button', { name: /^付款/ })
const minutes = (count: number) => new Date(Date.now() + count * 60_000).toISOString()

/** Types 100 yuan once the page is there. */
async function ask(more: Parameters<typeof quoteOf>[2], routes: Parameters<typeof bff>[0] = {}, discountFen = 0) {
  fake.answer = bff({ 'POST /api/quotes': () => ({ data: quoteOf(10_000, discountFen, more) }), ...routes })
  render(<PayPage />)
  await pass(0)
  for (const key of '100') fireEvent.click(screen.getByRole('button', { name: key }))
  await pass(250)
}

const HIDDEN = {
  discountFen: null,
  payerDiscountFen: null,
  merchantRewardFen: null,
  payableFen: null,
  merchantReceivesFen: null,
  discountRange: { minFen: 50, maxFen: 500 },
}

test('of a hidden discount it says the range, the most that is paid, and that the rest is told by paying', async () => {
  await ask(HIDDEN)
  expect(panel()).toBe('最多 ¥100.00立减 0.5–5 元，付款时揭晓')
  expect(heard()).toBe('立减 0.5–5 元，付款时揭晓，最多付 100.00 元')
  expect(payKey().textContent).toBe('付款最多¥100.00')
  expect(document.querySelector('.method__chip')).toBeNull()
})

test('it is paid by its quote, and the order that comes of it has the figures', async () => {
  const order = orderOf({ payableFen: 9_600, payerDiscountFen: 400 })
  await ask(HIDDEN, { 'POST /api/orders': () => ({ data: order }) })
  fireEvent.click(payKey())
  await pass(0)
  expect(fake.sent('POST', '/api/orders')).toHaveLength(1)
})

test('held cards: in how many minutes one comes back, on the offer too', async () => {
  const all = { reason: 'all-held', availableAt: minutes(1.4) } as const
  await ask(all, {
    'GET /api/merchants/M0001': () => ({ data: { ...merchant, offer: { ...merchant.offer!, ...all } } }),
  })
  expect(panel()).toBe('实付 ¥100.00优惠名额暂时被占用，约 2 分钟后再试，或原价付款')
  expect(document.querySelector('.offer__text')?.textContent).toBe('优惠名额暂时被占用，约 2 分钟后')
})

test('who has held for too long is told so, and nothing of what others can be given', async () => {
  await ask({ reason: 'holding-limit' })
  expect(panel()).toBe('实付 ¥100.00您今天保留的优惠已到上限，可以原价付款')
  expect(document.querySelector('.offer__text')?.textContent).toBe('多数减 3.5–4.5 元 · 今日还剩 12 份')
})

test('a person who has used what one may under another name is told before another amount is paid', async () => {
  await ask({}, { 'POST /api/orders': () => problem(422, 'card-limit-reached') }, 1_000)
  fireEvent.click(payKey())
  await pass(0)
  expect(document.querySelector('.sheet')?.textContent).toBe(
    '今天的优惠次数已用完同一个人的优惠次数合并计算。没有扣款。会再算一次优惠，请核对新的实付金额后再付。核对新金额',
  )
})

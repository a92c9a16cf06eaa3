import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import PayPage from '../../src/pages/pay/index'
import { fake } from '../support/taro'
import { bff, orderOf, problem, quoteOf } from '../support/taro-bff'

beforeEach(() => {
  jest.useFakeTimers()
  fake.reset()
  fake.params = { merchant: 'M0001' }
})

afterEach(() => {
  cleanup()
  jest.useRealTimers()
})

/** Lets what is due within these milliseconds happen: timers and the answers they ask for. */
const pass = (ms: number) => act(() => jest.advanceTimersByTimeAsync(ms))
const TYPING_PAUSE_MS = 250

async function open(routes: Parameters<typeof bff>[0]) {
  fake.answer = bff(routes)
  render(<PayPage />)
  await pass(0)
}

const button = (name: string) => screen.getByRole('button', { name })
const press = async (name: string) => {
  fireEvent.click(button(name))
  await pass(0)
}
const keysSent = () => fake.sent('POST', '/api/orders').map(({ header }) => header['Idempotency-Key'])

describe('a price that rises', () => {
  const offering = async (...discountsFen: number[]) => {
    let asked = 0
    const last = discountsFen.at(-1)
    await open({
      'POST /api/quotes': ({ body }) => ({
        data: quoteOf((body as { amountFen: number }).amountFen, discountsFen[asked++] ?? last),
      }),
      'POST /api/orders': () => ({ data: orderOf() }),
    })
    for (const key of '100') fireEvent.click(button(key))
    await pass(TYPING_PAUSE_MS)
  }
  const visible = (is: boolean) =>
    Object.defineProperty(document, 'visibilityState', { configurable: true, value: is ? 'visible' : 'hidden' })
  afterEach(() => visible(true))

  it('disarms the key until it has been in sight for a moment, and says so', async () => {
    await offering(1_000, 0)
    await pass(120_000)
    await pass(0)
    expect(document.querySelector('.deal')?.textContent).toBe('实付 ¥100.00本单没有立减实付金额变多了，请核对后再付')
    expect(button('请核对 100.00 元')).toHaveProperty('disabled', true)
    fireEvent.click(button('请核对 100.00 元'))
    fireEvent.keyDown(document.body, { key: 'Enter' })
    await pass(1_499)
    expect(keysSent()).toEqual([])
    await pass(1)
    await press('付款 100.00 元')
    expect(keysSent()).toHaveLength(1)
  })

  it('is not seen by somebody who looks elsewhere', async () => {
    await offering(1_000, 0)
    await pass(120_000)
    await pass(0)
    visible(false)
    await pass(60_000)
    expect(button('请核对 100.00 元')).toHaveProperty('disabled', true)
    visible(true)
    act(() => void document.dispatchEvent(new Event('visibilitychange')))
    await pass(1_499)
    expect(button('请核对 100.00 元')).toHaveProperty('disabled', true)
    await pass(1)
    expect(button('付款 100.00 元')).toHaveProperty('disabled', false)
  })

  it('counts from what was shown for the amount before, also when others were typed between', async () => {
    await offering(1_000, 0)
    await press('退格')
    await pass(TYPING_PAUSE_MS)
    fireEvent.click(button('0'))
    await pass(TYPING_PAUSE_MS)
    expect(button('请核对 100.00 元')).toHaveProperty('disabled', true)
  })

  it('is no matter when it falls: that is pointed out, and may be paid at once', async () => {
    await offering(0, 1_000)
    await pass(120_000)
    await pass(0)
    expect(document.querySelector('.deal__renewed')?.textContent).toBe('优惠有更新，请核对实付金额')
    expect(button('付款 95.00 元')).toHaveProperty('disabled', false)
  })
})

it('a quote that the server was too busy for is asked again when it said to', async () => {
  let asked = 0
  await open({
    'POST /api/quotes': () =>
      ++asked === 1 ? problem(503, 'busy', { 'Retry-After': '2' }) : { data: quoteOf(10_000) },
  })
  for (const key of '100') fireEvent.click(button(key))
  await pass(TYPING_PAUSE_MS)
  await pass(1_999)
  expect(asked).toBe(1)
  await pass(1)
  await pass(0)
  expect(button('付款 95.00 元')).toHaveProperty('disabled', false)
})

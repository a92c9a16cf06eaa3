import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { dateOf } from '../../src/dates'
import PayPage from '../../src/pages/pay/index'
import { fake } from '../support/taro'
import { bff, merchant, problem, quoteOf } from '../support/taro-bff'

/** The amount that is typed: how much may be paid today, pasted ones, and what outlives a reload. */

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

const NAMES: Record<string, string> = { '.': '点', '<': '退格' }

function type(keys: string) {
  for (const key of keys) fireEvent.click(screen.getByRole('button', { name: NAMES[key] ?? key }))
}

const payKey = () => screen.getByRole('button', { name: /^付款/ })
const panel = () => document.querySelector('.deal')?.textContent
const quotesSent = () => fake.sent('POST', '/api/quotes').map(({ body }) => (body as { amountFen: number }).amountFen)
const amountShown = () => document.querySelector('.amount__line')?.textContent

const quoting = () => ({
  'POST /api/quotes': ({ body }: { body: unknown }) => ({
    data: quoteOf((body as { amountFen: number }).amountFen),
  }),
})

describe('the amount', () => {
  const limited = (leftFen: number, more = {}) => ({
    ...quoting(),
    'GET /api/day-limits': () => ({
      data: { businessDate: dateOf(Date.now()), items: [{ channel: 'bank', limitFen: 50_000, leftFen }], ...more },
    }),
  })
  const note = () => document.querySelector('.amount__note')?.textContent

  it.each([
    [
      'nothing used',
      50_000,
      '500.01',
      undefined,
      '超过每天能付的金额扫店里的收款码，每人每天最多付 500 元。请减少金额',
    ],
    [
      'some used',
      12_000,
      '120.01',
      '今天还能付 ¥120.00',
      '超过每天能付的金额扫店里的收款码，每人每天最多付 500 元，今天还能付 ¥120.00。请减少金额',
    ],
    ['all used', 0, '1', '今天还能付 ¥0.00', '今天不能再付了扫店里的收款码，每人每天最多付 500 元。请明天再付'],
  ])('says what is left of the day before more than that is asked for: %s', async (_, leftFen, keys, before, said) => {
    await open(limited(leftFen))
    expect(note()).toBe(before)
    type(keys)
    await pass(TYPING_PAUSE_MS)
    expect(panel()).toBe(said)
    expect(quotesSent()).toEqual([])
    expect(payKey()).toHaveProperty('disabled', true)
    expect(document.querySelector('.heard[aria-live]')?.textContent).toBe(said.replace('扫店里', '，扫店里'))
  })

  it('quotes what is left to the cent', async () => {
    await open(limited(12_000))
    type('120')
    await pass(TYPING_PAUSE_MS)
    expect(quotesSent()).toEqual([12_000])
    expect(payKey()).toHaveProperty('disabled', false)
  })

  it('keeps nobody from paying by a limit that is yesterday’s, or not known', async () => {
    await open(limited(0, { businessDate: '2020-01-01' }))
    expect(fake.sent('GET', '/api/day-limits')).toHaveLength(2)
    expect(note()).toBeUndefined()
    type('100')
    await pass(TYPING_PAUSE_MS)
    expect(payKey()).toHaveProperty('disabled', false)
    cleanup()
    fake.reset()
    fake.params = { merchant: 'M0001' }
    await open({ ...quoting(), 'GET /api/day-limits': () => 'offline' })
    type('100')
    await pass(TYPING_PAUSE_MS)
    expect(payKey()).toHaveProperty('disabled', false)
  })

  it('refused for the day’s limit it reads anew what is left', async () => {
    let leftFen = 50_000
    await open({
      ...quoting(),
      'GET /api/day-limits': () => limited(leftFen)['GET /api/day-limits'](),
      'POST /api/orders': () => problem(422, 'daily-limit-reached'),
    })
    type('100')
    await pass(TYPING_PAUSE_MS)
    fireEvent.click(payKey())
    await pass(0)
    leftFen = 3_000
    fireEvent.click(screen.getByRole('button', { name: '修改金额' }))
    await pass(TYPING_PAUSE_MS)
    expect(note()).toBe('今天还能付 ¥30.00')
    expect(panel()).toContain('超过每天能付的金额')
    expect(amountShown()).toBe('¥100')
  })

  const paste = async (text: string) => {
    fireEvent.paste(document, { clipboardData: { getData: () => text } })
    await pass(TYPING_PAUSE_MS)
  }
  it('takes an amount that is pasted, with full-width digits too, and says when it is too much', async () => {
    await open(limited(50_000))
    await paste('￥６６．５ 元')
    expect(amountShown()).toBe('¥66.5')
    expect(quotesSent()).toEqual([6_650])
    await paste('谢谢老板')
    expect(amountShown()).toBe('¥66.5')
    await paste('６００')
    expect(panel()).toContain('每人每天最多付 500 元')
    expect(quotesSent()).toEqual([6_650])
  })

  const reload = async (routes: Parameters<typeof bff>[0]) => {
    cleanup()
    await open(routes)
    await pass(TYPING_PAUSE_MS)
  }
  it('keeps what is typed over a reload, at its merchant alone, and for no later visit', async () => {
    await open(quoting())
    type('66')
    await pass(TYPING_PAUSE_MS)
    await reload(quoting())
    expect(amountShown()).toBe('¥66')
    expect(payKey()).toHaveProperty('disabled', false)
    fake.params = { merchant: 'M0001', amount: '20' }
    await reload(quoting())
    expect(amountShown()).toBe('¥20')
    type('<')
    await reload(quoting())
    expect(amountShown()).toBe('¥2')
    fake.params = { merchant: 'M0002' }
    await reload({ ...quoting(), 'GET /api/merchants/M0002': () => ({ data: { ...merchant, code: 'M0002' } }) })
    expect(amountShown()).toBe('¥0.00')
    fake.params = { merchant: 'M0001' }
    await reload(quoting())
    expect(amountShown()).toBe('¥0.00')
    type('7')
    await pass(10 * 60_000 - 1_000)
    await reload(quoting())
    expect(amountShown()).toBe('¥7')
    await pass(10 * 60_000)
    await reload(quoting())
    expect(amountShown()).toBe('¥0.00')
  })

  it('comes back with no amount that may have been paid, and with one that was refused', async () => {
    await open({ ...quoting(), 'POST /api/orders': () => problem(409, 'slot-taken') })
    type('66')
    await pass(TYPING_PAUSE_MS)
    fireEvent.click(payKey())
    await pass(0)
    expect(amountShown()).toBe('¥66')
    await reload({ ...quoting(), 'POST /api/orders': () => 'offline' })
    expect(amountShown()).toBe('¥66')
    fireEvent.click(payKey())
    await pass(0)
    await reload({ ...quoting(), 'POST /api/orders': () => 'offline' })
    expect(amountShown()).toBe('¥0.00')
    expect(document.querySelector('.earlier')?.textContent).toContain('的 ¥61.00 还不知道结果')
  })
})
